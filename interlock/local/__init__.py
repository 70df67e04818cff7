"""The local platform: the embedded engine, and the same stacks as on AWS deployed to it."""
