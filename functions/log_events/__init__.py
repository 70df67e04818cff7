"""The function `log_events`."""
