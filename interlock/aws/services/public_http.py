"""Calls of URLs that a tenant gave: to public addresses only, at the very address that was checked, no redirects."""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping

from interlock.contract.alert import Delivery
from interlock.contract.core.failure import BadRequest, Unavailable
from interlock.contract.egress import Target, parse_target
from interlock.contract.webhook import ANSWER_BYTES

SECONDS = 10
MAX_URL_CHARS = 2_000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_url(url: str, *, loopback: bool = False) -> tuple[Target, str]:
    """Read a URL and resolve its host.

    Args:
        url: https, or http to a loopback address where that is permitted.
        loopback: whether loopback addresses are permitted (the local platform).

    Returns:
        What it asks for, and the address to connect to.

    Raises:
        BadRequest: another scheme, or an address that is not public.
        Unavailable: the name can't be resolved.
    """
    target = _target(url)
    address = public_address(target.host, target.port, loopback=loopback)
    if target.scheme != "https" and not ipaddress.ip_address(address).is_loopback:
        raise _refused("a webhook is told over https")
    return target, address


def post(url: str, headers: Mapping[str, str], body: bytes, *, loopback: bool = False) -> Delivery:
    """POST a body once; the name is resolved and checked again, and the call goes to the address that was checked.

    Raises:
        BadRequest: the URL leads to an address that is not public.
        Unavailable: no connection, or no answer within SECONDS.
    """
    target, address = check_url(url, loopback=loopback)
    began = time.monotonic()
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    try:
        connection.sock = socket.create_connection((address, target.port), timeout=SECONDS)
        if target.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=target.host)
        fields = {"Host": target.authority, "User-Agent": "interlock", "Connection": "close", **headers}
        connection.request("POST", target.path, body=body, headers=fields)
        got = connection.getresponse()
        status, answer = got.status, got.read(ANSWER_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        what = f"{target.host}:{target.port} did not answer: {type(error).__name__}"
        raise Unavailable(
            what, where="alert", next_step="Check that the receiver runs, then: interlock alert test"
        ) from error
    finally:
        connection.close()
    return Delivery(status=status, duration_ms=round((time.monotonic() - began) * 1000, 3), answer=answer)


def public_address(host: str, port: int, *, loopback: bool = False) -> str:
    """The first address of a host, if every one of them is public (or loopback, where that is permitted).

    Raises:
        BadRequest: one is not.
        Unavailable: the name can't be resolved.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            f"the host name {host} can't be resolved",
            where="alert",
            next_step="Check that the name is correct and public.",
        ) from error
    addresses = [str(row[4][0]) for row in rows]
    refused = [address for address in addresses if not is_public(address, loopback=loopback)]
    if refused or not addresses:
        raise _refused(f"{host} resolves to {refused[0] if refused else 'no address'}, which is not a public address")
    return addresses[0]


def is_public(address: str, *, loopback: bool = False) -> bool:
    """Whether anybody on the internet has this address, also where it stands inside another one."""
    current: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(current, ipaddress.IPv6Address):
        teredo = current.teredo[1] if current.teredo else None
        nat64 = ipaddress.IPv4Address(int(current) & 0xFFFFFFFF) if current in NAT64 else None
        current = current.ipv4_mapped or current.sixtofour or teredo or nat64 or current
    if current.is_loopback:
        return loopback
    return current.is_global and not current.is_multicast


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
