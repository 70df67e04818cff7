"""AWS as moto plays it, in this process: tables, buckets, a bus, and a record of every call that was made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from interlock.aws.clients import client, forget_clients
from interlock.contract.registry import Publisher
from interlock.control.installs.context import InstallContext
from tests.support.cloud import AT, REGION, Cloud, a_cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """A cloud of the test's own."""
    with pytest.MonkeyPatch.context() as monkeypatch, a_cloud(monkeypatch) as subject:
        yield subject


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


@pytest.fixture
def pool(cloud: Cloud) -> str:
    cloud.registry.create_publisher(Publisher(id="acme", created=AT))
    result = client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]
    client("cognito-idp").create_resource_server(
        UserPoolId=result, Identifier="interlock", Name="i", Scopes=[{"ScopeName": "api", "ScopeDescription": "a"}]
    )
    return str(result)


@pytest.fixture
def key(cloud: Cloud) -> str:
    subject = client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return str(subject["KeyMetadata"]["Arn"])


@pytest.fixture
def life(cloud: Cloud, key: str) -> InstallContext:
    return replace(cloud.life, signing_key=key)
