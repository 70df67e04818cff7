"""For both dialects that this code once had to serve."""

exec("def raise_from(error, cause):\n    raise error from cause\n")
