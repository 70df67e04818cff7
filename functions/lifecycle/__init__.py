"""The function `lifecycle`."""
