"""Tickets and tokens that nobody of ours signed, or that were meant for somebody else."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from interlock.contract.core.failure import Failure
from interlock.contract.ticket import Ticket, check, sign
from scripts.attacks.case import Case

SECRET = b"the gate's own secret"
TICKET = Ticket(
    tenant="globex",
    install="I1",
    app="acme/app",
    run="R1",
    visit="V1",
    attempt=0,
    granted=("catalog:read",),
    hops=0,
    expires=2_000_000_000,
)


def cases() -> Iterator[Case]:
    """Every attack by a forged identity."""
    for name, make in _TICKETS.items():
        yield Case("tickets", name, "refused bad-ticket", lambda make=make: _ticket(make()))
    yield Case("tickets", "a ticket of the gate", "taken globex", lambda: _ticket(sign(TICKET, SECRET)))


def _ticket(text: str) -> str:
    try:
        return f"taken {check(text, [SECRET], time.time()).tenant}"
    except Failure as failure:
        return f"refused {failure.code}"


def _signed(body: str, secret: bytes = SECRET) -> str:
    return f"{body}.{hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()}"


def _body(**fields: Any) -> str:
    text = json.dumps(TICKET.model_dump(mode="json") | fields)
    return base64.urlsafe_b64encode(text.encode()).decode()


def _other_body(**fields: Any) -> str:
    """A good signature, over another body."""
    return f"{_body(**fields)}.{sign(TICKET, SECRET).partition('.')[2]}"


_TICKETS: dict[str, Callable[[], str]] = {
    "no ticket": lambda: "",
    "a dot": lambda: ".",
    "no signature": lambda: _body(),
    "an empty signature": lambda: f"{_body()}.",
    "a signature by an empty secret": lambda: _signed(_body(), b""),
    "a signature by another secret": lambda: _signed(_body(), b"a guess"),
    "a signature that is cut": lambda: sign(TICKET, SECRET)[:-1],
    "a signature in capitals": lambda: (
        sign(TICKET, SECRET).partition(".")[0] + "." + sign(TICKET, SECRET).partition(".")[2].upper()
    ),
    "a signature and more": lambda: sign(TICKET, SECRET) + "00",
    "two signatures": lambda: sign(TICKET, SECRET) + "." + sign(TICKET, SECRET).partition(".")[2],
    "another tenant": lambda: _other_body(tenant="initech"),
    "another install": lambda: _other_body(install="I2"),
    "more permissions": lambda: _other_body(granted=["catalog:write"]),
    "another run": lambda: _other_body(run="R2"),
    "a later end": lambda: _other_body(expires=4_000_000_000),
    "fewer hops": lambda: _other_body(hops=-9),
    "a ticket that has expired": lambda: sign(TICKET.model_copy(update={"expires": 1_000_000_000}), SECRET),
    "a text that is no Unicode": lambda: f"{_body()}.\ud800",
    "a body that is no Unicode": lambda: f"\ud800.{'0' * 64}",
    "a megabyte": lambda: "A" * 1_000_000 + "." + "0" * 64,
}
