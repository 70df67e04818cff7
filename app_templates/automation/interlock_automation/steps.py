"""The one step of the workflow `notify`."""

from typing import Any

from pydantic import BaseModel

from interlock import Asset, Context, PermanentError, RetryableError, step


class Change(BaseModel):
    """The detail of `asset.updated`, as far as it is used."""

    id: str
    asset: Asset


class Told(BaseModel):
    """What was done."""

    posted: bool


@step
def notify(change: Change, ctx: Context) -> Told:
    """Post the asset's owners and tags, and emit `tags.changed`.

    Raises:
        RetryableError: `WebhookDown`, it answered 429 or 5xx.
        PermanentError: `WebhookRefused`, it answered another error.
    """
    asset = change.asset
    fields: dict[str, Any] = {
        "asset": asset.qualified_name,
        "owners": list(asset.owners),
        "tags": list(asset.tags),
        "change": change.id,
    }
    url = str(ctx.config.get("webhook_url") or "")
    if url:
        token = ctx.secrets.get("webhook_token")
        headers = {"Idempotency-Key": ctx.visit} | ({"Authorization": f"Bearer {token}"} if token else {})
        status = ctx.http.post(url, fields, headers=headers).status
        if status == 429 or status >= 500:
            raise RetryableError(f"the webhook answered {status}", name="WebhookDown")
        if status >= 400:
            raise PermanentError(f"the webhook answered {status}", name="WebhookRefused")
    ctx.emit("tags.changed", fields)
    return Told(posted=bool(url))
