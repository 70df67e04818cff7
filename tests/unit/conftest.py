"""Unit tests use no network: a connection is an error."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("check", max_examples=20)
"""What `scripts/check` tries of each property that does not say itself how many examples it needs."""


class SocketUsed(AssertionError):
    """A unit test tried to connect."""


def _refuse(connection: socket.socket, address: Any) -> None:
    raise SocketUsed(f"a unit test connected to {address!r}")


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connecting raises, in every unit test."""
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", _refuse)
    yield
