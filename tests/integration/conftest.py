"""AWS as moto plays it, in this process: tables, buckets, a bus, and a record of every call that was made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interlock.aws.clients import forget_clients
from tests.support.cloud import (
    REGION,
    Cloud,
    a_cloud,
)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A cloud of the test's own."""
    with pytest.MonkeyPatch.context() as monkeypatch, a_cloud(monkeypatch) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def clients() -> Iterator[None]:
    """The clients of all the tests: making one takes longer than most tests."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        forget_clients()
        yield
        forget_clients()
