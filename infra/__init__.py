"""The platform as a CDK app: its own stacks, and those of a first-party app's version and of a tenant."""
