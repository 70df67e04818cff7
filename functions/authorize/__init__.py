"""The function `authorize`."""
