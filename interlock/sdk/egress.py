"""Where a step may connect to: the install's declared egress, and never a link-local or metadata address.

Advisory where publisher code opens sockets of its own; the operator's network control is what enforces it there.
"""

from collections.abc import Callable

from interlock.contract.address import is_forbidden
from interlock.contract.core.failure import GateError, GateFailure, Unavailable
from interlock.sdk.exchange import Deadline, resolve_within

SECONDS = 30.0


def resolve(
    host: str, port: int, refuses: Callable[[str], bool] = is_forbidden, deadline: Deadline | None = None
) -> str:
    """The address to connect to: the first of the host's, if none of them is refused.

    Args:
        host: the name.
        port: the port.
        refuses: which addresses; link-local ones and metadata services by default.
        deadline: of the call; SECONDS by default.

    Raises:
        GateFailure: `Interlock.Denied`.
        Unavailable: the name can't be resolved.
    """
    try:
        addresses = resolve_within(host, port, deadline or Deadline(SECONDS))
    except (OSError, UnicodeError) as error:
        raise Unavailable(
            f"the host name {host} can't be resolved: {error}", where="ctx.http", next_step="Check the name."
        ) from None
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
