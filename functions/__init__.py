"""Lambda handlers: parse, one use case, respond."""
