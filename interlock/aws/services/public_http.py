"""Calls of URLs that a tenant gave: to public addresses only, at the very address that was checked, no redirects."""

import http.client
import ipaddress
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from interlock.contract.address import is_public
from interlock.contract.alert import Delivery
from interlock.contract.core.failure import BadRequest, Unavailable
from interlock.contract.egress import Target, parse_target
from interlock.contract.webhook import ANSWER_BYTES
from interlock.sdk.exchange import Call, Deadline, Resolver, addresses_of, exchange, resolve_within, why_unanswered

SECONDS = 10
"""For all of a call, from the name to the last byte of the answer."""
MAX_URL_CHARS = 2_000
MAX_RETRY_AFTER = 86_400
"""A receiver can't ask for a longer pause than a day, in which a failing webhook is disabled."""


def check_url(
    url: str, *, loopback: bool = False, deadline: Deadline | None = None, resolver: Resolver = addresses_of
) -> tuple[Target, str]:
    """Read a URL and resolve its host.

    Args:
        url: https, or http to a loopback address where that is permitted.
        loopback: whether loopback addresses are permitted (the local platform).
        deadline: of the call; SECONDS by default.
        resolver: answers the addresses of a name.

    Returns:
        What it asks for, and the address to connect to.

    Raises:
        BadRequest: another scheme, or an address that is not public.
        Unavailable: the name can't be resolved.
    """
    target = _target(url)
    try:
        addresses = resolve_within(target.host, target.port, deadline or Deadline(SECONDS), resolver)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            f"the host name {target.host} can't be resolved",
            where="alert",
            next_step="Check that the name is correct and public.",
        ) from error
    refused = [address for address in addresses if not is_public(address, loopback=loopback)]
    if refused or not addresses:
        resolved = refused[0] if refused else "no address"
        raise _refused(f"{target.host} resolves to {resolved}, which is not a public address")
    if target.scheme != "https" and not ipaddress.ip_address(addresses[0]).is_loopback:
        raise _refused("a webhook needs https")
    return target, addresses[0]


def post(
    url: str, headers: Mapping[str, str], body: bytes, *, loopback: bool = False, seconds: float = SECONDS
) -> Delivery:
    """POST a body once; the name is resolved and checked again, and the call goes to the address that was checked.

    Raises:
        BadRequest: the URL leads to an address that is not public.
        Unavailable: no connection, or no whole answer in time.
    """
    deadline, began = Deadline(seconds), time.monotonic()
    target, address = check_url(url, loopback=loopback, deadline=deadline)
    try:
        reply = exchange(Call("POST", headers, body, ANSWER_BYTES), target, address, deadline)
    except (OSError, http.client.HTTPException) as error:
        what = f"{target.host}:{target.port} did not answer: {why_unanswered(error)}"
        raise Unavailable(
            what, where="alert", next_step="Check that the receiver runs, then: interlock alert test"
        ) from error
    return Delivery(
        status=reply.status,
        duration_ms=round((time.monotonic() - began) * 1000, 3),
        answer=reply.body.decode("utf-8", "replace"),
        retry_after=_seconds(reply.headers.get("retry-after", "")),
    )


def _seconds(text: str) -> int:
    """The seconds of a Retry-After, or until its date (RFC 9110, 10.2.3); 0 for none and for what is neither."""
    if text.isascii() and text.isdecimal():
        return min(int(text[:9]), MAX_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return 0
    return min(max(int(wait.total_seconds()), 0), MAX_RETRY_AFTER)


def _target(url: str) -> Target:
    try:
        if len(url) > MAX_URL_CHARS:
            raise _refused(f"the URL is longer than {MAX_URL_CHARS} characters")
        return parse_target(url)
    except BadRequest as error:
        raise _refused(error.what.removeprefix("not a URL that a step can call: ")) from error


def _refused(what: str) -> BadRequest:
    return BadRequest(
        what, where="url", code="alert-url", next_step="Give a public https URL: interlock alert set https://…"
    )
