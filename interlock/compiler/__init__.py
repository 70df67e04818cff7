"""From a bundle's bytes to a version: checks, plan, compiled workflows, CloudFormation. Pure and deterministic."""
