"""The function `tend_usage`."""
