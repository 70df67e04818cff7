"""The function `platform_step`."""
