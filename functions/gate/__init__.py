"""The function `gate`."""
