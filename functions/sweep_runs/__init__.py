"""The function `sweep_runs`."""
