"""The function `finish_run`."""
