"""Changes of an install's settings without another version: what is kept, and what is refused as a whole."""

from __future__ import annotations

import pytest

from interlock.aws.services import secrets
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, Rejected
from interlock.contract.install import InstallChange, UpgradeRequest
from interlock.contract.registry import Channel
from interlock.control.installs.settings import change_settings
from interlock.control.installs.upgrade import request_upgrade
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.installs import REQUEST


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return cloud.install(REQUEST).id


def value_of(install: str, name: str) -> str | None:
    return secrets.read_secret(names.secrets_prefix(TENANT, install) + name)


def test_secret_is_rotated_and_nothing_else_changes(cloud: Cloud, install: str) -> None:
    before = cloud.registry.install(TENANT, install).item
    after = change_settings(cloud.life, TENANT, install, InstallChange(secrets={"key": "rotated"}))
    assert value_of(install, "key") == "rotated"
    assert after == before
    assert "rotated" not in after.model_dump_json()


def test_unknown_secret_changes_nothing(cloud: Cloud, install: str) -> None:
    change = InstallChange(channel=Channel.BETA, secrets={"key": "rotated", "token": "x"})
    with pytest.raises(Rejected) as refused:
        change_settings(cloud.life, TENANT, install, change)
    (finding,) = refused.value.findings
    assert (finding.code, finding.where) == ("install.secret", "token")
    assert "it has: key" in finding.what
    assert value_of(install, "key") == "hidden"
    assert cloud.registry.install(TENANT, install).item.channel is Channel.STABLE


def test_upgrade_to_the_same_version_says_so(cloud: Cloud, install: str) -> None:
    current = cloud.registry.install(TENANT, install).item
    same = request_upgrade(cloud.life, TENANT, install, UpgradeRequest(version="1.0.0", config=current.config), "me")
    assert (same.changed, same.to) == (False, "1.0.0")
    for settings in ({"secrets": {"key": "rotated"}}, {"config": {"n": 7}}):
        with pytest.raises(Conflict) as refused:
            request_upgrade(cloud.life, TENANT, install, UpgradeRequest.model_validate(settings), "me")
        assert refused.value.code == "upgrade-changes-nothing"
        assert f"interlock install set {install}" in refused.value.next_step
    assert value_of(install, "key") == "hidden"
    assert cloud.registry.install(TENANT, install).item == current
