"""Signed calls."""

import hashlib
import hmac
import json

from interlock import Context, step


@step
def body(value: dict) -> dict:
    return {"text": json.dumps({"asset": value["asset"], "tags": sorted(value["tags"])})}


@step
def sign(value: dict, ctx: Context) -> dict:
    key = ctx.secrets.get("signing_key")
    if key is None:
        return {"text": value["text"], "signature": ""}
    mark = hmac.new(key.encode(), value["text"].encode(), hashlib.sha256)
    return {"text": value["text"], "signature": mark.hexdigest()}
