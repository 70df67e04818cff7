"""The function `tend_installs`."""
