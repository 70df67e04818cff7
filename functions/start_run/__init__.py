"""The function `start_run`."""
