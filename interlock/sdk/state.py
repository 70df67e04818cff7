"""`ctx.state` and `ctx.secrets`: what an install keeps between runs, and what its tenant gave it."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, GateError, GateFailure, NotFound
from interlock.sdk.backend import Backend
from interlock.sdk.journal import Journal

_KEY = re.compile(r"[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]{0,127}(/[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]{0,127}){0,5}")


class State:
    """A small store of JSON values by key, of this install alone. There are no transactions: the last write wins."""

    def __init__(self, journal: Journal, backend: Backend) -> None:
        """Keep both; nothing is read."""
        self._journal = journal
        self._backend = backend
        self._captured: dict[str, str | None] = {}
        """What a dry run wrote, so that it reads its own writes."""

    def get(self, key: str, default: Json = None) -> Json:
        """The value under `key`, or `default`.

        Raises:
            GateFailure: `Interlock.Denied`, the app has no permission `state`.
            BadRequest: not a key.
        """
        _check(key)
        if key in self._captured:
            text = self._captured[key]
            return default if text is None else json.loads(text)

        def do() -> Json:
            text = self._backend.state_get(key)
            return {"found": False} if text is None else {"found": True, "value": json.loads(text)}

        values = cast(Mapping[str, Any], self._journal.read("state", "get", {"key": key}, do))
        return values["value"] if values["found"] else default

    def put(self, key: str, value: Json) -> None:
        """Keep a JSON value under `key`.

        Raises:
            ValueError: NaN or Infinity.
            TypeError: JSON can't hold it.
            BadRequest: not a key.
        """
        _check(key)
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
        if self._journal.dry:
            self._captured[key] = text
        request = {"key": key, "value": json.loads(text)}
        self._journal.write("state", "put", request, lambda: self._backend.state_put(key, text))

    def delete(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        _check(key)
        if self._journal.dry:
            self._captured[key] = None
        self._journal.write("state", "delete", {"key": key}, lambda: self._backend.state_delete(key))

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The keys that begin with `prefix`, sorted."""
        value = self._journal.read("state", "keys", {"prefix": prefix}, lambda: list(self._backend.state_keys(prefix)))
        keys = {str(key) for key in cast(list[Any], value)}
        for key, text in self._captured.items():
            if key.startswith(prefix):
                keys = keys - {key} if text is None else keys | {key}
        return tuple(sorted(keys))


def _check(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadRequest(
            f"{key!r} is not a valid key",
            where="ctx.state",
            next_step="Use up to six parts of letters, digits and _.=@+- with / between; no part begins with a dot.",
        )


class Secrets:
    """The secrets that the tenant gave this install; what is read is redacted from every record of the run."""

    def __init__(self, journal: Journal, backend: Backend, declared: tuple[str, ...]) -> None:
        """Keep the declared names; nothing is read."""
        self._journal = journal
        self._backend = backend
        self._declared = declared
        self._values: dict[str, str | None] = {}

    def get(self, name: str) -> str | None:
        """A secret's value, or None where the tenant gave none. Read once an attempt.

        Raises:
            GateFailure: `Interlock.Denied`, the manifest does not declare it.
        """
        if name not in self._declared:
            raise GateFailure(
                GateError.DENIED,
                f"secret {name!r} is not declared",
                where="ctx.secrets",
                next_step=f'Add "{name}" to [permissions] secrets in interlock.toml and publish a new version.',
            )
        if name not in self._values:
            self._values[name] = self._journal.secret(name, lambda: self._backend.secret(name))
        return self._values[name]

    def __getitem__(self, name: str) -> str:
        """A secret's value.

        Raises:
            NotFound: the tenant gave none.
            GateFailure: `Interlock.Denied`, the manifest does not declare it.
        """
        value = self.get(name)
        if value is None:
            raise NotFound(
                f"the tenant did not set the secret {name!r}",
                where="ctx.secrets",
                next_step="Set it on the install.",
            )
        return value
