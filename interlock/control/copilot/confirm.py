"""Confirming: a call that can destroy something is carried out when its caller repeats what it was answered, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from interlock.aws.tables.confirmations import Confirmations
from interlock.contract.copilot.confirmation import (
    Confirmation,
    call_digest,
    confirmation_id,
    new_nonce,
    nonce_of,
    phrase_of,
    unknown,
)
from interlock.contract.copilot.tool import clean
from interlock.contract.core import limits
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest
from interlock.control.copilot.tool import Copilot


@dataclass(frozen=True)
class DestructiveCall:
    """A call that has to be confirmed."""

    what: str
    """What it does, in words that the user is shown."""
    tool: str
    definition: str
    """What pins what would be carried out: the tool's definition, and the version of the app."""
    arguments: Mapping[str, Json]
    confirm: str
    """What the caller repeated; empty in the first call."""
    field: str = "confirm"
    """The argument that has it."""


def require_confirmed(copilot: Copilot, call: DestructiveCall) -> None:
    """Pass a call that its caller confirmed, and use the confirmation up; otherwise answer what to repeat.

    Raises:
        BadRequest: it is not confirmed, or with a phrase of another call.
        Forbidden: with a phrase that another caller was answered.
        Conflict: with a phrase that was used, or whose time is over.
    """
    confirmations = Confirmations(copilot.runs.table.name, copilot.tenant)
    digest = call_digest(call.tool, call.definition, call.arguments)
    if not call.confirm:
        raise _wanted(copilot, call, digest, confirmations)
    stored = confirmations.find(confirmation_id(nonce_of(call.confirm)))
    if stored is None:
        raise unknown()
    stored.item.check(copilot.caller.principal, digest, call.confirm, now())
    confirmations.use(stored)


def _wanted(copilot: Copilot, call: DestructiveCall, digest: str, confirmations: Confirmations) -> BadRequest:
    nonce = new_nonce()
    phrase = phrase_of(clean(call.what), nonce)
    until = now(timedelta(seconds=limits.CONFIRM_SECONDS))
    confirmations.keep(
        Confirmation(
            id=confirmation_id(nonce), caller=copilot.caller.principal, call=digest, phrase=phrase, until=until
        )
    )
    return BadRequest(
        f"this call needs confirmation: {phrase}",
        where=call.field,
        code="confirmation-wanted",
        next_step=f"Show it to the user; if they agree, call again until {until} with the same arguments and "
        f"{call.field}={phrase!r}.",
    )
