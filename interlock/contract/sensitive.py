"""What is taken for a secret wherever it shows: names of fields, and shapes of common secrets."""

import re

PLACEHOLDER = "[redacted]"
"""What stands in a secret's place."""
MIN_SECRET_CHARS = 4
"""A shorter value would blank out ordinary text wherever its letters occur."""

_NAMES = re.compile(
    r"pass(word|wd|phrase|code)|^pwd$|secret|token|credential|authorization|cookie|(^|[_-])(api)?key$|signature",
    re.IGNORECASE,
)
_SHAPES = re.compile(
    r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk-|sk_live_|rk_live_)[\w-]{12,}"
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    r"|(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"
)


def secret_name(name: str) -> bool:
    """Whether a variable, header or field of this name is taken to hold a secret."""
    return bool(_NAMES.search(name))


def without_shapes(text: str) -> str:
    """`text` without what is shaped like a secret: access keys, JSON web tokens, private keys, passwords in URLs."""
    return _SHAPES.sub(PLACEHOLDER, text)
