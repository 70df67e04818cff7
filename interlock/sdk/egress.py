"""Where a step may connect to: the install's declared egress, and never a link-local or metadata address.

Advisory where publisher code opens sockets of its own; the operator's network control is what enforces it there.
"""

import ipaddress
import socket
from collections.abc import Callable

from interlock.contract.core.failure import GateError, GateFailure, Unavailable

METADATA = ("fd00:ec2::/32", "100.100.100.200/32")
"""Instance metadata outside of the link-local range (AWS by IPv6, Alibaba); 169.254.0.0/16 covers the others."""


def is_forbidden(address: str) -> bool:
    """Whether an address is link-local, multicast, unspecified or a metadata service."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return True
    return any(ip in network for network in map(ipaddress.ip_network, METADATA) if network.version == ip.version)


def resolve(host: str, port: int, refuses: Callable[[str], bool] = is_forbidden) -> str:
    """The address to connect to: the first of the host's, if none of them is refused.

    Args:
        host: the name.
        port: the port.
        refuses: which addresses; link-local ones and metadata services by default.

    Raises:
        GateFailure: `Interlock.Denied`.
        Unavailable: the name can't be resolved.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            f"the host name {host} can't be resolved: {error}", where="ctx.http", next_step="Check the name."
        ) from None
    addresses = [str(row[4][0]) for row in rows]
    refused = [address for address in addresses if refuses(address)]
    if refused or not addresses:
        resolved = refused[0] if refused else "without an address"
        raise GateFailure(
            GateError.DENIED,
            f"{host} is {resolved}, and a step may not call such an address",
            where="ctx.http",
            next_step="Call a public address.",
        )
    return addresses[0]
