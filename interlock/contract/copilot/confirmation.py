"""Confirmations of destructive calls: each is for one caller, one call and one use, and ends by itself."""

import re
import secrets
from base64 import b32encode
from collections.abc import Mapping
from typing import Final

from interlock.contract.core.base import Document, Json, Moment
from interlock.contract.core.failure import BadRequest, Conflict, Forbidden
from interlock.contract.payload import canonical, digest

NONCE_BYTES: Final = 10
_NONCE = re.compile(r"\[([a-z2-7]{16})\]$")
_AGAIN = "Call again without a confirmation, and show the user what it answers."


class Confirmation(Document):
    """What a caller was asked to repeat, and for which call."""

    id: str
    """sha256 of the nonce in the phrase: who reads the table can confirm nothing."""
    caller: str
    call: str
    """sha256 of the tool, its definition and the arguments (`call_digest`)."""
    phrase: str
    until: Moment
    used: bool = False

    def check(self, caller: str, call: str, phrase: str, at: Moment) -> None:
        """Refuse what this confirmation is not for.

        Args:
            caller: who calls now.
            call: the digest of what is called now.
            phrase: what was repeated.
            at: now.

        Raises:
            Forbidden: it was asked of another caller.
            BadRequest: it is for another call.
            Conflict: it was used, or its time is over.
        """
        if caller != self.caller:
            raise Forbidden(
                "this confirmation was given to another caller",
                where="confirm",
                code="confirmation-other-caller",
                next_step=_AGAIN,
            )
        if call != self.call or phrase != self.phrase:
            raise BadRequest(
                "this confirmation is for another call: tool, definition and all arguments must be the same",
                where="confirm",
                code="confirmation-other-call",
                next_step=_AGAIN,
            )
        if self.used:
            raise used()
        if at >= self.until:
            raise Conflict(
                f"this confirmation ended at {self.until}",
                where="confirm",
                code="confirmation-expired",
                next_step=_AGAIN,
            )


def used() -> Conflict:
    """The refusal of a second use."""
    return Conflict(
        "this confirmation was used already",
        where="confirm",
        code="confirmation-used",
        next_step=f"Look whether the call was carried out, by list_runs or list_pauses. {_AGAIN}",
    )


def unknown() -> BadRequest:
    """The refusal of a phrase that nobody was asked to repeat."""
    return BadRequest(
        "nobody was asked for this confirmation", where="confirm", code="confirmation-unknown", next_step=_AGAIN
    )


def new_nonce() -> str:
    """A nonce of 80 random bits."""
    return b32encode(secrets.token_bytes(NONCE_BYTES)).decode().lower()


def phrase_of(what: str, nonce: str) -> str:
    """What has to be repeated: what the call does, and a nonce."""
    return f"{what} [{nonce}]"


def nonce_of(phrase: str) -> str:
    """The nonce of a phrase; empty where it has none."""
    match = _NONCE.search(phrase)
    return match.group(1) if match else ""


def confirmation_id(nonce: str) -> str:
    """The id of the confirmation that a nonce is for."""
    return digest(nonce)


def call_digest(tool: str, definition: str, arguments: Mapping[str, Json]) -> str:
    """What a confirmation is bound to: the tool, its definition as it is now, and all arguments."""
    return digest([tool, definition, canonical(dict(arguments))])
