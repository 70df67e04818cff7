"""The texts in which a secret may show: its own parts that are secret, and how each is written elsewhere."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast
from urllib.parse import quote, quote_plus, unquote

MIN_SECRET_CHARS = 4
"""A shorter value would blank out ordinary text wherever its letters occur."""
MOST_PARTS = 64
"""Parts of one secret that are looked for: a service account's file has about ten values."""
ALIGNED_CHARS = 8
"""The least of a value inside longer base64: what is left of a shorter one would be found by chance."""
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|credential|key$|signature|authorization", re.IGNORECASE)
_PAIR = re.compile(
    r"(?:^|[;&?\s])\s*(?P<key>[A-Za-z][\w .-]{0,63}?)\s*=\s*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\{[^}]*\}|[^;&\s]*)"
)
"""Of ADO.NET and ODBC (`Pwd=…;`), libpq (`password=…`), query strings and lines of an environment file."""
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^:/@\s]*:(?P<rest>[^\s]+)", re.IGNORECASE)
_QUERY = re.compile(r"[?&](?=[A-Za-z_][\w.-]*=)")


def secret_parts(value: str) -> tuple[str, ...]:
    """A secret and what of it is secret by itself: passwords of URLs and DSNs, and values of a JSON text.

    Of a JSON object with names such as `password`, the values under those names; of any other JSON, every text that
    is longer than a word. So the host and the user of a database are not taken for secrets.
    """
    parts = dict.fromkeys(islice((value, value.strip(), *_inner(value)), MOST_PARTS))
    return tuple(part for part in parts if len(part) >= MIN_SECRET_CHARS)


def secret_forms(value: str) -> frozenset[str]:
    """Every text in which a secret or a part of it may show: in JSON, URLs, hex and base64, also inside longer ones."""
    return frozenset(form for part in secret_parts(value) for form in _written(part) if len(form) >= MIN_SECRET_CHARS)


def _inner(value: str) -> Iterator[str]:
    yield from _of_json(value)
    yield from _of_url(value)
    for match in _PAIR.finditer(value):
        if _SECRET_KEY.search(match["key"]):
            text = match["value"]
            yield text
            yield text.strip("\"'{}")
            yield re.sub(r"\\(.)", r"\1", text.strip("\"'{}"))
            yield unquote(text)


def _of_json(value: str) -> Iterator[str]:
    if value.lstrip()[:1] not in ("{", "["):
        return
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return
    rows = list(_texts(parsed, ""))
    named = [text for name, text in rows if _SECRET_KEY.search(name)]
    texts = named or [text for _, text in rows if len(text) >= 2 * MIN_SECRET_CHARS]
    for text in texts:
        yield text
        yield from _of_url(text)


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Each text and number of a JSON value, with the name that it is under."""
    match value:
        case dict():
            for key, row in cast(Mapping[str, Any], value).items():
                yield from _texts(row, key)
        case list():
            for row in cast(Sequence[Any], value):
                yield from _texts(row, name)
        case str() | int() | float() if not isinstance(value, bool):
            yield name, str(value)
        case _:
            return


def _of_url(value: str) -> Iterator[str]:
    """The password of a URL: also one with `/ # ? [ @` in it that nobody encoded, up to the last `@` before a query."""
    match = _URL.match(value)
    if match is None:
        return
    password, at, _ = _QUERY.split(match["rest"], maxsplit=1)[0].rpartition("@")
    if at:
        yield password
        yield unquote(password)


def _written(part: str) -> Iterator[str]:
    data = part.encode("utf-8", "surrogatepass")
    in_json = json.dumps(part)[1:-1]
    yield from (part, in_json, json.dumps(part, ensure_ascii=False)[1:-1], json.dumps(in_json)[1:-1])
    # Not of lone surrogates, which no URL can hold.
    text = data.decode("utf-8", "replace")
    yield from (quote(text, safe=""), quote(text), quote_plus(text))
    yield from (data.hex(), data.hex().upper())
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        plain = encode(data).decode()
        yield from (plain, plain.rstrip("="))
        if len(data) >= ALIGNED_CHARS:
            # Behind one or two other bytes, such as `user:` in a Basic header: what no neighbour changes.
            yield from (encode(b"\0" * shift + data).decode().rstrip("=")[shift + 1 : -1] for shift in (0, 1, 2))
