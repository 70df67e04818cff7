"""What people and CI run: `scripts/check`, `scripts/test`, `scripts/demo`."""
