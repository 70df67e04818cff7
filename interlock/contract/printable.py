"""Text of others for a terminal: what moves the cursor, sets titles or turns the direction is written as its escape.

A terminal obeys control characters (C0, DEL, C1), and shows bidi and invisible ones in another order than they are in.
JSON is for programs, which read the same characters from escapes.
"""

import re

LAYOUT = "\n\t"
"""What a text of several lines has."""
_ASCII_ONLY = re.compile(
    r"[\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""In JSON: DEL, C1, bidi, line ends and invisible characters; C0 is escaped in any JSON."""


def printable(text: str, layout: str = LAYOUT) -> str:
    """A text with each character that a terminal does not simply show written as its escape, as Python does.

    Args:
        text: of anybody.
        layout: characters that stay though they are not shown: ends of lines and tabs; none for a text on one line.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in layout else repr(char)[1:-1] for char in text)


def printable_json(text: str) -> str:
    """JSON with the same characters written as JSON's escapes; it means the same."""
    return text if text.isascii() and "\x7f" not in text else _ASCII_ONLY.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    data = match.group().encode("utf-16-be")
    return "".join(f"\\u{data[place]:02x}{data[place + 1]:02x}" for place in range(0, len(data), 2))
