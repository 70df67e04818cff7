"""Calls of Lambda that wait while a step runs: over connections that stay alive, for no longer than it may take.

A connection that is idle for 350 s is dropped in silence by a NAT gateway, and the gate would wait for an answer that
never comes. botocore has no option for the times of TCP's keep-alive, so such calls go by a session of their own.
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html#nat-gateway-troubleshooting-timeout
"""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, cast

from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from interlock.contract.core import limits

CONNECT_SECONDS = 5
CONNECTIONS = 50
IDLE_SECONDS, INTERVAL_SECONDS, PROBES = 60, 30, 5
"""After a minute of silence a probe is sent, then twice a minute: well within what drops idle connections."""
STEPS_OF_SECONDS = 60
"""Read timeouts are rounded up to these: each has a pool of connections of its own."""
_read_seconds: ContextVar[float] = ContextVar("interlock_read_seconds", default=limits.LAMBDA_TIMEOUT_SECONDS)


@contextmanager
def answered_within(seconds: float) -> Generator[None]:
    """Give up on an answer after so many seconds, in calls of Lambda that the block makes."""
    token = _read_seconds.set(seconds)
    try:
        yield
    finally:
        _read_seconds.reset(token)


class LongCalls:
    """The session by which an endpoint of botocore sends: one of botocore's own for each origin and time."""

    def send(self, request: Any) -> Any:
        """Send a prepared request."""
        seconds = min(_read_seconds.get(), limits.LAMBDA_TIMEOUT_SECONDS)
        rounded = -(-int(seconds) // STEPS_OF_SECONDS) * STEPS_OF_SECONDS if seconds >= STEPS_OF_SECONDS else seconds
        scheme, _, rest = str(request.url).partition("://")
        return _session(rounded, f"{scheme}://{rest.partition('/')[0]}").send(request)

    def close(self) -> None:
        """Keep the connections: they are the process's, as the clients are."""


def socket_options() -> list[tuple[int, int, int]]:
    """No delay, and probes while nothing is sent, as far as the system has them."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    times = {"TCP_KEEPIDLE": IDLE_SECONDS, "TCP_KEEPINTVL": INTERVAL_SECONDS, "TCP_KEEPCNT": PROBES}
    return options + [
        (socket.IPPROTO_TCP, int(getattr(socket, name)), value)
        for name, value in times.items()
        if hasattr(socket, name)
    ]


@cache
def _session(seconds: float, origin: str) -> Any:
    return cast(Any, URLLib3Session)(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,
        proxies=cast(Any, get_environ_proxies)(origin),
        timeout=(CONNECT_SECONDS, seconds),
        max_pool_connections=CONNECTIONS,
        socket_options=socket_options(),
    )
