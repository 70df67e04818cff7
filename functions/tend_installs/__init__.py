"""The function `onboard`."""
