"""Idempotency keys: a POST that a caller repeats with the same key is done once, and gets the same answer.

An answer that contains a secret is not stored; a repetition says so. A failed call is forgotten, so it can be repeated.
Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
import time
from typing import Any

from interlock.aws.tables.table import Key, Table
from interlock.contract.core import limits
from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, Conflict, Rejected

SECRET_WORDS = frozenset({"client_secret", "secret"})
LOCK_SECONDS = 60
"""API Gateway gives up after 30 s: a call that is older died."""
HOUR_SECONDS = 3_600


class Kept(Document):
    """The record of a call: no status while it runs, its answer afterwards."""

    digest: str
    begun: float
    status: int = 0
    body: str = ""
    secret: bool = False
    """The answer contained a secret, which is shown only once."""


class IdempotencyKey:
    """One call under a key."""

    def __init__(self, table: str, principal: str, key: str, content: str) -> None:
        """Name the call.

        Args:
            table: the table of runs.
            principal: who calls.
            key: the caller's key.
            content: method, path and body: what must be the same under one key.

        Raises:
            BadRequest: the key is too long.
        """
        if len(key) > limits.IDEMPOTENCY_KEY_CHARS:
            raise BadRequest(
                f"the key has {len(key)} characters, and may have {limits.IDEMPOTENCY_KEY_CHARS}",
                where="Idempotency-Key",
                next_step="Send a shorter key.",
            )
        self.table = Table(table)
        self.key = Key(pk=f"ONCE#{principal}", sk=key)
        self.digest = hashlib.sha256(content.encode()).hexdigest()

    def begin(self) -> Kept | None:
        """Return the answer of the first call with this key, or None if this call is the first.

        Raises:
            Rejected: the key was used for another call.
            Conflict: the first one is under way, or had a secret in its answer.
        """
        try:
            self._put(Kept(digest=self.digest, begun=time.time()), rev=0)
        except Conflict:
            row = self.table.get(self.key)
            call = row.read(Kept) if row else None
            if call is None or row is None:
                return None
            if call.digest != self.digest:
                raise Rejected(
                    "the key was used for another call", [], where="Idempotency-Key", next_step="Send another key."
                ) from None
            if call.status and not call.secret:
                return call
            if not call.status and time.time() - call.begun > LOCK_SECONDS:
                self._put(Kept(digest=self.digest, begun=time.time()), rev=row.rev)
                return None
            raise _under_way(secret=call.secret) from None
        return None

    def end(self, status: int, body: str) -> None:
        """Store the answer of a successful call, and forget a failed call."""
        if status >= 300:
            self.table.delete(self.key)
            return
        secret = _tells(body)
        self._put(
            Kept(digest=self.digest, begun=time.time(), status=status, body="" if secret else body, secret=secret)
        )

    def _put(self, call: Kept, rev: int | None = None) -> None:
        expires = int(time.time()) + limits.IDEMPOTENCY_HOURS * HOUR_SECONDS
        self.table.put(self.key, call, rev=rev, extra={"expires": expires})


def _under_way(*, secret: bool) -> Conflict:
    if secret:
        what, step = "it was done, and its answer, which holds a secret, is shown once", "Make another one."
        return Conflict(what, where="Idempotency-Key", code="told-once", next_step=step)
    what = "the first call with this key is not finished"
    return Conflict(what, where="Idempotency-Key", code="call-under-way", next_step="Try again in a few seconds.")


def _tells(body: str) -> bool:
    keys: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        # `secrets` of an install are names; where they are an object, they are values.
        keys.extend("secret" if key == "secrets" and isinstance(value, dict) else key for key, value in pairs)

    try:
        json.loads(body, object_pairs_hook=note)
    except ValueError:
        return False
    return not SECRET_WORDS.isdisjoint(keys)
