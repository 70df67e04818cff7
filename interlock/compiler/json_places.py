"""Where the keys of a JSON text are written. Pure."""

import json
import re
from collections.abc import Iterator

from interlock.contract.manifest_text import Place

MOST_DEEP = 200
"""A text that is nested deeper is read no further: no definition that is taken is so deep."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]')
_COLON_WITHIN = 20
"""Characters behind a text in which its colon stands, if it is a key."""


def key_places(text: str) -> Iterator[tuple[Place, int]]:
    """Each key with the keys and indexes that lead to it, itself the last, and where it begins in the text.

    Raises:
        ValueError: a key is no JSON text.
    """
    opened: list[tuple[Place, bool]] = []
    """The objects and lists around, the innermost last: their places, and whether they are lists."""
    indexes: list[int] = []
    key = ""
    for match in _TOKEN.finditer(text):
        place, is_list = opened[-1] if opened else ((), False)
        match match.group()[0]:
            case '"' if opened and not is_list and _is_key(text, match.end()):
                key = json.loads(match.group())
                yield (*place, key), match.start()
            case "{" | "[" if len(opened) < MOST_DEEP:
                own = (*place, indexes[-1] if is_list else key) if opened else ()
                opened.append((own, match.group() == "["))
                indexes.append(0)
            case "{" | "[":
                return
            case "}" | "]" if opened:
                opened.pop()
                indexes.pop()
            case "," if is_list:
                indexes[-1] += 1
            case _:
                pass


def _is_key(text: str, end: int) -> bool:
    return text[end : end + _COLON_WITHIN].lstrip().startswith(":")
