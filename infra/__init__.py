"""The platform as a CDK app: Foundation, Events, Control, Observability; and the stacks of a version and of a tenant."""
