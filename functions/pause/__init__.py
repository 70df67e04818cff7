"""The function `pause`."""
