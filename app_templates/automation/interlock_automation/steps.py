"""The steps of the workflow `owners`: compare, notify, refuse."""

import hashlib
from typing import Any

from pydantic import BaseModel

from interlock import Context, PermanentError, RetryableError, step

QUESTION_NAMES = 10
"""Owners that the question names: an approval's question has 2,000 characters."""
NAME_CHARS = 80


class Changed(BaseModel):
    """What of the event `asset.updated` is used."""

    qualified_name: str
    change: str


class OwnerChange(BaseModel):
    """Owners of an asset, before and now; `differs` says whether anybody has to be asked."""

    qualified_name: str
    change: str
    before: list[str]
    owners: list[str]
    differs: bool
    question: str


class Outcome(BaseModel):
    """What was done: `approved` or `refused`, and whether the webhook got it."""

    outcome: str
    posted: bool = False


def _key(name: str) -> str:
    return f"owners/{hashlib.sha256(name.encode()).hexdigest()[:40]}"


def _listed(owners: list[str]) -> str:
    shown = ", ".join(owner[:NAME_CHARS] for owner in owners[:QUESTION_NAMES]) or "nobody"
    more = len(owners) - QUESTION_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


@step
def compare(changed: Changed, ctx: Context) -> OwnerChange:
    """Compare the owners now with those that were approved last; an asset that is gone has nothing to ask."""
    asset = ctx.catalog.get(changed.qualified_name)
    before: Any = ctx.state.get(_key(changed.qualified_name)) or []
    owners = list(asset.owners) if asset else []
    name = changed.qualified_name[: NAME_CHARS * 2]
    return OwnerChange(
        qualified_name=changed.qualified_name,
        change=changed.change,
        before=before,
        owners=owners,
        differs=asset is not None and owners != before,
        question=f"The owners of {name} were {_listed(before)}, and shall be {_listed(owners)}. Is that right?",
    )


@step
def notify(change: OwnerChange, ctx: Context) -> Outcome:
    """Post the approved owners, emit `owners.changed`, and remember them.

    Raises:
        RetryableError: `WebhookDown`, it answered 429 or 5xx.
        PermanentError: `WebhookRefused`, it answered another error.
    """
    fields = _fields(change)
    url = str(ctx.config.get("webhook_url") or "")
    if url:
        token = ctx.secrets.get("webhook_token")
        headers = {"Idempotency-Key": ctx.visit} | ({"Authorization": f"Bearer {token}"} if token else {})
        status = ctx.http.post(url, fields, headers=headers).status
        if status == 429 or status >= 500:
            raise RetryableError(f"the webhook answered {status}", name="WebhookDown")
        if status >= 400:
            raise PermanentError(f"the webhook answered {status}", name="WebhookRefused")
    ctx.emit("owners.changed", fields)
    ctx.state.put(_key(change.qualified_name), list(change.owners))
    return Outcome(outcome="approved", posted=bool(url))


@step
def refuse(change: OwnerChange, ctx: Context) -> Outcome:
    """Emit `owners.refused`; the webhook is not called, and the next change is asked about again."""
    ctx.emit("owners.refused", _fields(change))
    return Outcome(outcome="refused")


def _fields(change: OwnerChange) -> dict[str, Any]:
    return {
        "asset": change.qualified_name,
        "before": change.before,
        "owners": change.owners,
        "change": change.change,
    }
