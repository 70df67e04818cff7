"""The function `send_alert`."""
