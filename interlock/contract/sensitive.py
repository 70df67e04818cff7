"""What is sensitive, and how to keep it out of what leaves: fields by rule, names, shapes, and values once seen.

A rule is a field's path with dots: `customer.email`, `*.ssn`. It matches the end of a path, at any depth; positions in
lists do not count, case neither; `*` stands for one field.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from pydantic import BaseModel

from interlock.contract.core.base import Json
from interlock.contract.secret_forms import MIN_SECRET_CHARS, secret_forms

PLACEHOLDER = "[redacted]"
"""What stands in a secret's place."""
LONG_CHARS = 20
"""A value of this length under a secret's name is taken for one."""

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


_PLAIN_KEYS = re.compile(r"^((primary|foreign|sort|partition|row|object|cache|group|natural|join)[_-]?)?key$", re.I)
"""Fields whose name says too little to take a whole run's data out for; a log line still goes without them."""


def secret_name(name: str) -> bool:
    """Whether a variable, header or field of this name is taken to hold a secret."""
    return bool(_NAMES.search(name))


def without_shapes(text: str) -> str:
    """`text` without what is shaped like a secret: access keys, JSON web tokens, private keys, passwords in URLs."""
    return _SHAPES.sub(PLACEHOLDER, text)


def looks_secret(value: str) -> bool:
    """Whether a value under a secret's name is one by its look: `customer_id` under `primary_key` is none."""
    return len(value) >= LONG_CHARS or (len(value) >= 8 and any(char.isdigit() for char in value))


Path = tuple[str | int, ...]
"""Names of fields and positions in lists."""


def matches(rule: str, path: Path) -> bool:
    """Whether a rule names the field at a path."""
    wanted = rule.casefold().split(".")
    while wanted[:1] == ["*"]:
        wanted = wanted[1:]
    keys = [part.casefold() for part in path if isinstance(part, str)]
    if not wanted or len(keys) < len(wanted):
        return False
    return all(word in ("*", key) for word, key in zip(wanted, keys[-len(wanted) :], strict=True))


def pointed(pointer: str, path: Path) -> bool:
    """Whether a JSON pointer, in which `*` is any field or position, names exactly a path."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return len(parts) == len(path) and all(part in ("*", str(step)) for part, step in zip(parts, path, strict=True))


def to_pointer(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def why_sensitive(path: Path, rules: Iterable[str], pointers: Iterable[str]) -> str:
    """The rule by which a field is sensitive: `type`, `rule PATTERN`, `name`; empty where none is."""
    if any(pointed(pointer, path) for pointer in pointers):
        return "type"
    if not path or not isinstance(path[-1], str):
        return ""
    for rule in rules:
        if matches(rule, path):
            return f"rule {rule}"
    return "name" if secret_name(path[-1]) and not _PLAIN_KEYS.search(path[-1]) else ""


def scalars(value: Json) -> Iterator[str]:
    """The text of every text and number in a value."""
    if isinstance(value, Mapping):
        for row in cast(Mapping[str, Any], value).values():
            yield from scalars(row)
    elif isinstance(value, list | tuple):
        for row in cast(Sequence[Any], value):
            yield from scalars(row)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield str(value)


def sensitive_values(value: Json, rules: Sequence[str], pointers: Sequence[str], path: Path = ()) -> Iterator[str]:
    """What of a value must not show anywhere: texts and numbers in its sensitive fields.

    Args:
        value: any JSON value.
        rules: patterns of fields.
        pointers: JSON pointers of fields that a type calls sensitive.
        path: where `value` is, for the pointers.
    """
    why = why_sensitive(path, rules, pointers)
    if why:
        texts = scalars(value)
        yield from (text for text in texts if why != "name" or looks_secret(text))
    elif isinstance(value, Mapping):
        for key, row in cast(Mapping[str, Any], value).items():
            yield from sensitive_values(row, rules, pointers, (*path, key))
    elif isinstance(value, list | tuple):
        for position, row in enumerate(cast(Sequence[Any], value)):
            yield from sensitive_values(row, rules, pointers, (*path, position))


def _forms(value: str) -> set[str]:
    """How a secret may show: as it is, inside JSON, inside a URL, in base64; and the password of a URL."""
    forms = {value, json.dumps(value)[1:-1], quote(value, safe=""), base64.b64encode(value.encode()).decode()}
    try:
        password = urlsplit(value).password
    except ValueError:
        password = None
    if password:
        forms |= {password, unquote(password)}
    return {form for form in forms if len(form) >= MIN_SECRET_CHARS}


def named_fields(value: Any) -> Any:
    """The fields of a named tuple, a dataclass or a model of pydantic by their names; any other value as it is."""
    row: Any = value
    kind = cast(type[Any], type(value))
    try:
        if isinstance(value, BaseModel):
            return dict(value.__dict__)
        if hasattr(kind, "__dataclass_fields__"):
            return {field.name: getattr(row, field.name) for field in fields(row)}
        return row._asdict() if tuple in kind.__mro__ and hasattr(kind, "_fields") else row
    # A class of the publisher's may answer anything, and what is logged must not end the step.
    except Exception:
        return row


class Redactor:
    """Knows sensitive values, and takes them out of texts and JSON."""

    def __init__(self) -> None:
        """Know no value yet; names and common shapes are redacted all the same."""
        self._forms: set[str] = set()
        self._sorted: tuple[str, ...] = ()

    def learn(self, value: str) -> None:
        """Redact `value` from now on, in each form that it may show in; one under MIN_SECRET_CHARS is left alone."""
        self._forms |= _forms(value)

    def learn_secret(self, value: str) -> None:
        """Redact a secret from now on, and what in it is secret by itself (see `contract.secret_forms`)."""
        self._forms |= secret_forms(value)

    @property
    def _known(self) -> tuple[str, ...]:
        """The longest first, so that no part of a form stays behind."""
        if len(self._sorted) != len(self._forms):
            self._sorted = tuple(sorted(self._forms, key=lambda form: (-len(form), form)))
        return self._sorted

    def known(self, text: str) -> str:
        """`text` without the secret values that were read, and without lone surrogates, which UTF-8 can't hold."""
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode()
        for form in self._known:
            if form in text:
                text = text.replace(form, PLACEHOLDER)
        return text

    def text(self, text: str) -> str:
        """`text` without known secret values and without what is shaped like a secret."""
        return without_shapes(self.known(text))

    def data(self, value: Any, *, by_name: bool = False) -> Any:
        """A copy of a JSON value without known secret values.

        Args:
            value: any JSON value.
            by_name: also without what is named or shaped like a secret; not for a tenant's own metadata, which
                would not be the same when a dry run is answered from the record.
        """
        if isinstance(value, str):
            return self.text(value) if by_name else self.known(value)
        value = named_fields(value)
        if isinstance(value, Mapping):
            rows = cast(Mapping[Any, Any], value)
            return {
                self.known(str(key)): PLACEHOLDER
                if by_name and secret_name(str(key)) and row is not None
                else self.data(row, by_name=by_name)
                for key, row in rows.items()
            }
        if isinstance(value, list | tuple):
            return [self.data(row, by_name=by_name) for row in cast(list[Any], value)]
        if isinstance(value, int | float) and not isinstance(value, bool) and str(value) in self._forms:
            return PLACEHOLDER
        return value
