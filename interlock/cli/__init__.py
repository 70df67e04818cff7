"""The command line: parse, one call of the API (or of the local platform), render."""
