"""Calls of Lambda that wait while a step runs: over connections that stay alive, for no longer than it may take.

A connection that is idle for 350 s is dropped in silence by a NAT gateway, and the gate would wait for an answer that
never comes. botocore has no option for the times of TCP's keep-alive, so such calls go by a session of their own.
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html#nat-gateway-troubleshooting-timeout
"""

import os
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from botocore.awsrequest import AWSHTTPConnection, AWSHTTPConnectionPool, AWSHTTPSConnection, AWSHTTPSConnectionPool
from botocore.exceptions import ConnectionClosedError, ConnectionError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from interlock.contract.core import limits

CONNECT_SECONDS = 5
CONNECTIONS = 50
IDLE_SECONDS, INTERVAL_SECONDS, PROBES = 60, 30, 5
"""After a minute of silence a probe is sent, then twice a minute: well within what drops idle connections."""
STEPS_OF_SECONDS = 60
"""Read timeouts are rounded up to these: each has a pool of connections of its own."""
UNUSED_SECONDS = 20
"""A connection that nobody used for longer is not used again. An environment of Lambda is frozen between two calls, and
what closed its connections meanwhile does not reach it before it has sent the next request."""
_sent: ContextVar[bool] = ContextVar("interlock_sent", default=False)
_read_seconds: ContextVar[float] = ContextVar("interlock_read_seconds", default=limits.LAMBDA_TIMEOUT_SECONDS)


@contextmanager
def answered_within(seconds: float) -> Generator[None]:
    """Give up on an answer after so many seconds, in calls of Lambda that the block makes."""
    token = _read_seconds.set(seconds)
    try:
        yield
    finally:
        _read_seconds.reset(token)


class NotSentError(ConnectionError):
    """A connection was closed before the whole request was sent over it: nobody has read the request."""

    fmt = "The connection to {endpoint_url} was closed before the request was sent."


class LongCalls:
    """The session by which an endpoint of botocore sends: one of botocore's own for each origin and time."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Nothing is connected.

        Args:
            clock: seconds that pass while the process is frozen, too.
        """
        self._clock = clock
        self._sessions: dict[tuple[float, str], Any] = {}
        self._used: dict[tuple[float, str], float] = {}

    def send(self, request: Any) -> Any:
        """Send a prepared request.

        Raises:
            NotSentError: the connection was closed before the request was sent.
        """
        seconds = min(_read_seconds.get(), limits.LAMBDA_TIMEOUT_SECONDS)
        rounded = -(-int(seconds) // STEPS_OF_SECONDS) * STEPS_OF_SECONDS if seconds >= STEPS_OF_SECONDS else seconds
        scheme, _, rest = str(request.url).partition("://")
        place = (rounded, f"{scheme}://{rest.partition('/')[0]}")
        session, now = self._sessions.get(place) or self._sessions.setdefault(place, _session(*place)), self._clock()
        if now - self._used.get(place, now) > UNUSED_SECONDS:
            session.close()
        _sent.set(False)
        try:
            return session.send(request)
        except ConnectionClosedError as error:
            if not _sent.get():
                raise NotSentError(endpoint_url=request.url) from error
            raise
        finally:
            self._used[place] = self._clock()

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


class _Connection(AWSHTTPConnection):
    def request(self, *args: Any, **fields: Any) -> Any:
        """Send a request, and note that all of it went out."""
        answer = super().request(*args, **fields)
        _sent.set(True)
        return answer


class _SecureConnection(AWSHTTPSConnection):
    def request(self, *args: Any, **fields: Any) -> Any:
        """Send a request, and note that all of it went out."""
        answer = super().request(*args, **fields)
        _sent.set(True)
        return answer


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _session(seconds: float, origin: str) -> Any:
    session = cast(Any, URLLib3Session)(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,
        proxies=cast(Any, get_environ_proxies)(origin),
        timeout=(CONNECT_SECONDS, seconds),
        max_pool_connections=CONNECTIONS,
        socket_options=socket_options(),
    )
    session._pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    session._manager.pool_classes_by_scheme = session._pool_classes_by_scheme
    return session
