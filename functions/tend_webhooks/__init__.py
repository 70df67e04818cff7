"""The function `tend_webhooks`."""
