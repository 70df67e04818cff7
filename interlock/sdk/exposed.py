"""Finds a known secret in what a step hands on: its output, its events, its state, and the catalog.

These outlive the step, and others read them. A log line is redacted; data that went on with a hole in it would be
wrong, so the step fails and says where the secret is.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import unquote, unquote_plus

from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.secret_forms import secret_forms

WORD_CHARS = 8
"""A shorter secret is found as a word of its own only: `test` is no part of `latest`."""
MOST_KEY_CHARS = 64
"""Of a field's name in the error."""


class KnownSecrets:
    """What an install's steps read through `ctx.secrets` in this process: a value may live on in their modules."""

    def __init__(self) -> None:
        """Know no secret."""
        self._values: dict[str, str] = {}
        self._forms: dict[str, str] = {}
        self._short = re.compile(r"(?!)")

    @property
    def values(self) -> tuple[str, ...]:
        """The values, for who redacts them."""
        return tuple(dict.fromkeys(self._values))

    def learn(self, name: str, value: str) -> None:
        """Look for a secret from now on."""
        if value in self._values:
            return
        self._values[value] = name
        for form in secret_forms(value):
            self._forms.setdefault(form, name)
        short = sorted((re.escape(form) for form in self._forms if len(form) < WORD_CHARS), key=len, reverse=True)
        self._short = re.compile(rf"(?<![^\W_])(?:{'|'.join(short)})(?![^\W_])" if short else r"(?!)")

    def refuse(self, place: str, value: Json) -> None:
        """Refuse a value that holds a secret.

        Args:
            place: what the value is, such as `output`.
            value: JSON.

        Raises:
            GateFailure: `Interlock.SecretInOutput`, with the field and the secret's name.
        """
        if not self._forms:
            return
        for field, text in _texts(value, place):
            name = self._name(text)
            if name is not None:
                raise GateFailure(
                    GateError.SECRET_IN_OUTPUT,
                    f"{field} holds the secret {name!r}",
                    where=field,
                    next_step="Leave it out: who needs it reads it through ctx.secrets.",
                )

    def _name(self, text: str) -> str | None:
        """The name of the secret that a text holds."""
        texts = (text, unquote(text), unquote_plus(text)) if "%" in text else (text,)
        for one in texts:
            for form, name in self._forms.items():
                if len(form) >= WORD_CHARS and form in one:
                    return name
            short = self._short.search(one)
            if short is not None:
                return self._forms[short.group()]
        return None


_process: dict[tuple[str, str], KnownSecrets] = {}


def secrets_of(tenant: str, install: str) -> KnownSecrets:
    """What this process knows of an install; what it knew of another one is forgotten."""
    if (tenant, install) not in _process:
        _process.clear()
        _process[tenant, install] = KnownSecrets()
    return _process[tenant, install]


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Each text and number of a JSON value and the field that it is in; names of fields too, named by their object."""
    match value:
        case str():
            yield place, value
        case dict():
            for key, row in cast(Mapping[str, Any], value).items():
                yield f"a name in {place}", key
                yield from _texts(row, f"{place}.{key[:MOST_KEY_CHARS]}")
        case list() | tuple():
            for ordinal, row in enumerate(cast(list[Any], value)):
                yield from _texts(row, f"{place}[{ordinal}]")
        case int() | float() if not isinstance(value, bool):
            yield place, str(value)
        case _:
            return
