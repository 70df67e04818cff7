"""Copilots over stdio: a face beside the command line, which starts it."""
