"""The function `keep_dead`."""
