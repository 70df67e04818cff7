"""The function `start_publish`."""
