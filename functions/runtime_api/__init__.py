"""The function `runtime_api`."""
