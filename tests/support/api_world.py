"""A cloud with something of everything that the control API can be asked about, and people of every kind."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from functions.api import contexts
from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.registry import Membership, Publisher, Role
from tests.support.answering import answering
from tests.support.api import Call, caller
from tests.support.cloud import ACCOUNT, AT, REGION, TENANT, Cloud, a_cloud
from tests.support.installs import REQUEST
from tests.support.records import a_run

PEOPLE: Mapping[str, tuple[str, Role] | None] = {
    "operator": ("platform", Role.OPERATOR),
    "tenant-admin": (f"tenant/{TENANT}", Role.ADMIN),
    "tenant-member": (f"tenant/{TENANT}", Role.MEMBER),
    "tenant-viewer": (f"tenant/{TENANT}", Role.VIEWER),
    "publisher-admin": ("publisher/acme", Role.ADMIN),
    "publisher-member": ("publisher/acme", Role.MEMBER),
    "publisher-viewer": ("publisher/acme", Role.VIEWER),
    "other-tenant": ("tenant/globex", Role.ADMIN),
    "other-publisher": ("publisher/globex", Role.ADMIN),
    "stranger": None,
}
"""Who calls, by principal. A stranger has a valid token and belongs nowhere."""


@dataclass(frozen=True)
class World:
    """The cloud, the API on it, and the names of what is there."""

    cloud: Cloud
    send: Call
    known: Mapping[str, str]
    """By path parameter."""


@contextmanager
def a_world() -> Generator[World]:
    """A world while the block runs."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        a_cloud(monkeypatch) as cloud,
        answering(lambda _: (200, {})) as resolver,
    ):
        cloud.pool = client("cognito-idp").create_user_pool(PoolName="interlock")["UserPool"]["Id"]
        send = caller(cloud, monkeypatch)
        monkeypatch.setenv("INTERLOCK_DNS_URL", resolver)
        contexts.settings.cache_clear()
        cloud.registry.change_version("acme/app", "1.0.0", lambda row: row.model_copy(update={"listed": AT}))
        cloud.registry.create_publisher(Publisher(id="acme", created=AT))
        for principal, belongs in PEOPLE.items():
            if belongs:
                cloud.registry.join(Membership(principal=principal, scope=belongs[0], role=belongs[1]))
        yield World(cloud, send, _known(cloud))


def _known(cloud: Cloud) -> Mapping[str, str]:
    install = cloud.install(REQUEST)
    execution = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:interlock-v-000000000000-main:{TENANT}_{install.id}_r1"
    cloud.runs.create(a_run(install.id, 1, execution=execution))
    client("s3").put_object(Bucket=cloud.bucket, Key=f"{names.state_prefix(TENANT, install.id)}a", Body=b"1")
    return {
        "tenant": TENANT,
        "publisher": "acme",
        "name": "app",
        "version": "1.0.0",
        "install": install.id,
        "run": "r1",
        "tool": "app",
    }
