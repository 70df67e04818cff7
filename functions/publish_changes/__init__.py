"""The function `publish_changes`."""
