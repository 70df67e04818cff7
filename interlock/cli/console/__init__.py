"""The console on this machine: the page and the API on one port, and the command that opens it."""
