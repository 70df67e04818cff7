"""Keep secrets out of what is recorded: effects, logs, locals and error texts."""

import base64
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

from interlock.contract.sensitive import MIN_SECRET_CHARS, PLACEHOLDER, secret_name, without_shapes

__all__ = ["PLACEHOLDER", "Redactor", "secret_name"]


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


class Redactor:
    """Knows the secret values that a step has read."""

    def __init__(self) -> None:
        """Know no value yet; names and common shapes are redacted all the same."""
        self._known: tuple[str, ...] = ()

    def learn(self, value: str) -> None:
        """Redact `value` from now on, in each form that it may show in."""
        self._known = tuple(sorted({*self._known, *_forms(value)}, key=lambda form: (-len(form), form)))

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
        return value
