"""The app that handles secrets of every kind, and writes each of them wherever a careless publisher would."""

from __future__ import annotations

MANIFEST = """
[app]
id = "acme/canary"
version = "1.0.0"
title = "Canary"
category = "automation"

[permissions]
secrets = ["api_key"]
egress = ["127.0.0.1:PORT"]
state = true

[config]
schema = "config.schema.json"

[redact]
fields = ["customer.email"]

[steps.take]
handler = "steps:take"

[steps.fail]
handler = "steps:fail"

[workflows.main]
steps = ["take", "fail"]
"""
SCHEMA = '{"type": "object", "properties": {"db_password": {"type": "string"}}}'
STEPS = """
import logging
from typing import Annotated

from pydantic import BaseModel, SecretStr

from interlock import Context, Sensitive, step


class Customer(BaseModel):
    email: str
    phone: str


class Order(BaseModel):
    card: SecretStr
    ssn: Annotated[str, Sensitive()]
    pins: list[Annotated[str, Sensitive()]]
    customer: Customer
    notes: dict[str, str]


class Taken(BaseModel):
    ssn: Annotated[str, Sensitive()]
    customer: Customer
    notes: dict[str, str]


def tell(ctx: Context, words: list) -> None:
    for word in words:
        ctx.log.info(f"saw {word}", field=word)
        logging.warning("again %s", word)


@step
def take(order: Order, ctx: Context) -> Taken:
    api_key = ctx.secrets["api_key"]
    words = [order.card.get_secret_value(), order.ssn, *order.pins, order.customer.email, order.customer.phone]
    tell(ctx, [*words, *order.notes.values(), api_key, ctx.config["db_password"]])
    headers = {"Authorization": f"Bearer {api_key}", "X-Session-Token": HEADER}
    ctx.http.post(
        f"http://127.0.0.1:PORT/pay?key={api_key}",
        json_body={"client_secret": BODY, "ssn": order.ssn},
        headers=headers,
    )
    ctx.state.put("seen", {"email": order.customer.email, "copy": order.ssn})
    return Taken(ssn=order.ssn, customer=order.customer, notes=order.notes)


@step
def fail(taken: Taken, ctx: Context) -> dict:
    api_key = ctx.secrets["api_key"]
    db_password = ctx.config["db_password"]
    words = [taken.ssn, taken.customer.email, taken.customer.phone, *taken.notes.values(), api_key, db_password]
    tell(ctx, words)
    copied = {"plain": taken.ssn, "key": api_key}
    raise ValueError(" ".join(words))


HEADER = "x" + "HEADER_CANARY"[1:]
BODY = "y" + "BODY_CANARY"[1:]
"""
CANARIES = {
    "type": "canary-card-4f1d9a20",
    "annotated": "canary-ssn-77-31-9912",
    "item": "canary-pin-5521",
    "manifest": "canary.email.8812@example.com",
    "tenant": "canary-phone-555-0199",
    "config": "canary-config-19d0c2",
    "secret": "canary-secret-b7e1f3/+=",
    "url": "canary-url-pw-0c9d1",
    "aws": "AKIACANARY0123456789",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOiJqd3QtY2FuYXJ5In0.c2lnbmF0dXJlLWNhbmFyeQ",
    "pem": "MIIEcanarypemcanarypemcanarypem",
}
INPUT = {
    "card": CANARIES["type"],
    "ssn": CANARIES["annotated"],
    "pins": [CANARIES["item"]],
    "customer": {"email": CANARIES["manifest"], "phone": CANARIES["tenant"]},
    "notes": {
        "place": f"postgres://app:{CANARIES['url']}@db.example.com/app",
        "who": CANARIES["aws"],
        "web": CANARIES["jwt"],
        "text": f"-----BEGIN PRIVATE KEY-----\n{CANARIES['pem']}\n-----END PRIVATE KEY-----",
    },
}
HTTP_CANARIES = {"header": "xEADER_CANARY", "body": "yODY_CANARY"}


def files(port: int) -> dict[str, str]:
    """The app's files for a server on a port of this machine."""
    return {
        "interlock.toml": MANIFEST.replace("PORT", str(port)),
        "config.schema.json": SCHEMA,
        "steps.py": STEPS.replace("PORT", str(port)),
    }
