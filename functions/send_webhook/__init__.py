"""The function `send_webhook`."""
