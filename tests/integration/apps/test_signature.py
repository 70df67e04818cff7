"""A signature is checked wherever a version is used."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.tables.dead_letters import DeadLetters
from interlock.contract.certification import Level
from interlock.contract.core.failure import Conflict
from interlock.contract.dead_letter import DeadState
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Version, VersionStatus
from interlock.contract.start_message import StartMessage
from interlock.control.apps.signature import check_signature, sign_version
from interlock.control.installs.context import InstallContext
from interlock.control.installs.install import request_install
from interlock.control.installs.upgrade import UpgradeOrder, begin_upgrade
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import TENANT, Cloud, listed, machine
from tests.support.publishing import GRANT, put

TAMPERED: dict[str, dict[str, Any]] = {
    "other bytes": {"digest": "1" * 64},
    "other code": {"steps": {}},
    "another signature": {"signature": "AAAA"},
    "no signature": {"signature": ""},
    "no base64": {"signature": "?"},
    "another level": {"level": Level.REVIEWED},
}


@pytest.mark.parametrize("change", TAMPERED)
def test_a_version_that_was_changed_is_not_installed(cloud: Cloud, life: InstallContext, change: str) -> None:
    good = sign_version(listed(cloud), life.signing_key)
    put(cloud, good, **TAMPERED[change])
    request = InstallRequest(app="acme/app", grant=GRANT)
    with pytest.raises(Conflict) as refused:
        request_install(life, TENANT, request, "me")
    assert refused.value.code == "version-tampered"
    assert cloud.registry.installs(TENANT) == []
    put(cloud, good)
    assert request_install(life, TENANT, request, "me").version == "1.0.0"


def test_more_permissions_than_were_signed_are_seen(cloud: Cloud, key: str) -> None:
    good = sign_version(listed(cloud), key)
    manifest = good.manifest
    assert manifest is not None
    more = manifest.permissions.model_copy(update={"egress": ("evil.example:443",)})
    check_signature(good, key)
    with pytest.raises(Conflict):
        check_signature(good.model_copy(update={"manifest": manifest.model_copy(update={"permissions": more})}), key)


def test_a_seal_survives_what_is_not_signed(cloud: Cloud, key: str) -> None:
    good = sign_version(listed(cloud), key)
    fields = {"status": VersionStatus.DEPRECATED, "withdrawn": "old", "stopped": "", "stages": {"listed": 1.0}}
    check_signature(Version.model_validate_json(good.model_copy(update=fields).model_dump_json(by_alias=True)), key)


def test_a_tampered_version_is_neither_upgraded_to_nor_started(cloud: Cloud, life: InstallContext) -> None:
    put(cloud, sign_version(listed(cloud), life.signing_key))
    install = cloud.install(InstallRequest(app="acme/app", grant=GRANT))
    put(cloud, sign_version(listed(cloud, version="1.1.0"), life.signing_key), digest="2" * 64)
    with pytest.raises(Conflict, match="certified"):
        begin_upgrade(life, UpgradeOrder(tenant=TENANT, install=install.id, to="1.1.0"))
    fields: dict[str, Any] = {"runs": cloud.runs, "registry": cloud.registry, "bucket": cloud.bucket}
    starter = StartContext(**fields, artifacts=cloud.bucket, machine_prefix=machine(), signing_key=life.signing_key)
    message = StartMessage(
        tenant=TENANT, install=install.id, workflow="main", trigger="api", kind="api", id="one", input={}
    )
    assert start_run(message, starter) is not None
    put(cloud, cloud.registry.version("acme/app", "1.0.0").item, digest="3" * 64)
    assert start_run(message.model_copy(update={"id": "two"}), starter) is None
    letters = DeadLetters(cloud.runs.table.name).page(TENANT, DeadState.DEAD, limit=5, cursor=None)
    assert "version-tampered" in letters.rows[0].doc
