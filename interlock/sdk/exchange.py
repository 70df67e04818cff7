"""One HTTP call to an address that was checked, with one deadline for all of it: name, connection, TLS, answer.

The timeouts of sockets are for each read alone: a receiver that sends a byte now and then would never reach them.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from interlock.contract.egress import Target

Resolver = Callable[[str, int], list[str]]


class Deadline:
    """When a call must be over."""

    def __init__(self, seconds: float) -> None:
        """Begin now."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left.

        Raises:
            TimeoutError: none.
        """
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the time for the call is over")
        return seconds


class Reply(NamedTuple):
    """What came back; names of headers are in lower case, the body has at most the bytes that were wanted."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Call(NamedTuple):
    """What is sent, and how much of the answer is read."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None
    most_bytes: int


def why_unanswered(error: Exception) -> str:
    """Why `exchange` got no answer, as the end of a sentence about the other side."""
    import http.client
    import ssl

    match error:
        case TimeoutError():
            return "it took too long"
        case ConnectionRefusedError():
            return "it refuses connections"
        case http.client.RemoteDisconnected() | ConnectionResetError() | BrokenPipeError():
            return "it closed the connection"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not valid ({error.verify_message})"
        case ssl.SSLError():
            return "it does not speak TLS"
        case http.client.HTTPException():
            return "its answer is not HTTP"
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return type(error).__name__


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver.

    Raises:
        OSError: it has none.
        UnicodeError: it can't be a name.
    """
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def resolve_within(host: str, port: int, deadline: Deadline, resolver: Resolver = addresses_of) -> list[str]:
    """The addresses of a name, in time: the system's resolver has no timeout of its own.

    Raises:
        OSError: it has none, or the time is over.
        UnicodeError: it can't be a name.
    """
    rows: list[str] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            rows.extend(resolver(host, port))
        except (OSError, UnicodeError) as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if errors:
        raise errors[0]
    deadline.left()
    return rows


def exchange(call: Call, target: Target, address: str, deadline: Deadline) -> Reply:
    """Send a call to an address, with TLS verified against the name, and read its answer.

    Raises:
        OSError: no connection, it broke, or the time is over.
        http.client.HTTPException: the answer is not HTTP.
    """
    import http.client

    connection = http.client.HTTPConnection(target.host, target.port, timeout=deadline.left())
    plain = socket.create_connection((address, target.port), timeout=deadline.left())
    # A second handle of the same connection: TLS takes the first one over.
    handle = plain.dup()
    watch = threading.Timer(deadline.left(), _end, [handle])
    watch.daemon = True
    watch.start()
    try:
        connection.sock = _secured(plain, target)
        fields = {"Host": target.authority, "User-Agent": "interlock", "Connection": "close", **call.headers}
        connection.request(call.method, target.path, body=call.body, headers=fields)
        answer = connection.getresponse()
        body = answer.read(call.most_bytes)
        deadline.left()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, headers, body)
    finally:
        watch.cancel()
        connection.close()
        plain.close()
        handle.close()


def _secured(plain: socket.socket, target: Target) -> Any:
    if target.scheme != "https":
        return plain
    import ssl

    return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)


def _end(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It is closed already.
        return
