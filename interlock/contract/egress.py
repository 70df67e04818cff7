"""Where a URL leads, and whether an app declared that it calls there. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from interlock.contract.core.failure import BadRequest, GateError, GateFailure

PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,252})|[0-9a-f:.]+(%[\w.-]+)?")
"""A name of DNS, or an IPv6 address without its brackets: after everything else that a host is written as."""


class Target(NamedTuple):
    """What a URL asks to connect to; `path` has the query, `host` is lower case without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def parse_target(url: str) -> Target:
    """Read a URL of http or https.

    Raises:
        BadRequest: another scheme, no host, user information, or characters that a URL can't have.
    """
    try:
        if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
            raise ValueError("it has white space or control characters")
        if not url.partition("://")[2].lstrip("/").partition("/")[2].isascii():
            raise ValueError("its path has characters that a URL can't have: write them as %XX")
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
        if scheme not in PORTS or not host:
            raise ValueError("it must have http:// or https:// and a host")
        if parts.username is not None:
            raise ValueError("it must not have a user name or password; send an Authorization header")
        host = host.encode("idna").decode().lower() if not host.isascii() else host.lower()
        if not _HOST.fullmatch(host) or port == 0 or not parts.query.isascii():
            raise ValueError("its host, its port or its query has characters that a URL can't have")
    except ValueError as error:
        raise BadRequest(
            f"a step can't call this URL: {error}", where="ctx.http", next_step="Correct the URL in the step."
        ) from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme, host, port if port is not None else PORTS[scheme], path)


def _matches(pattern: str, host: str, port: int) -> bool:
    name, _, number = pattern.rpartition(":")
    if number not in ("*", str(port)):
        return False
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]) and host != name[2:])


def check_declared(declared: Iterable[str], host: str, port: int) -> None:
    """Refuse what no pattern allows: `host:port`, `*.host:port`, `*:port`, `host:*`.

    Raises:
        GateFailure: `Interlock.Denied`.
    """
    patterns = tuple(declared)
    if not any(_matches(pattern.lower(), host, port) for pattern in patterns):
        raise GateFailure(
            GateError.DENIED,
            f"{host}:{port} is not in the app's declared egress ({', '.join(patterns) or 'nothing is'})",
            where="ctx.http",
            next_step=f'Add "{host}:{port}" to [permissions] egress in interlock.toml and publish a new version.',
        )
