"""Several installs of one app in a tenant: each has its name, its triggers and its data, and requests say which."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from interlock.aws.services import secrets
from interlock.aws.tables.support_sessions import SupportSessions
from interlock.aws.tables.table import Stored
from interlock.contract.core import names
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.install import InstallChange, InstallRequest, UpgradeRequest
from interlock.contract.registry import Install, InstallStatus
from interlock.contract.run_request import RunRequest, ToolCall
from interlock.contract.support import SupportRequest
from interlock.control.access.support import open_support
from interlock.control.installs.choose import choose_install
from interlock.control.installs.install import request_install
from interlock.control.installs.settings import change_settings
from interlock.control.installs.tools import callable_tools
from interlock.control.installs.uninstall import request_recovery, request_removal
from interlock.control.installs.upgrade import request_upgrade
from interlock.control.runs.requests import RunRequestContext, call_tool, request_run
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.copilots import ARTIFACTS, sent
from tests.support.installs import NOTHING, REQUEST, traces, whole

APP = "acme/app"


def two(cloud: Cloud) -> tuple[Install, Install]:
    """An install that is named like the app, and one that is named west."""
    listed(cloud)
    west = {"name": "west", "config": {"n": 2}, "secrets": {"key": "of the west"}}
    return cloud.install(REQUEST), cloud.install(REQUEST.model_copy(update=west))


def requests_of(cloud: Cloud) -> RunRequestContext:
    return RunRequestContext(
        runs=cloud.runs, registry=cloud.registry, queue=cloud.queue, bucket=cloud.bucket, artifacts=ARTIFACTS
    )


def removed(cloud: Cloud, install: Install) -> Install:
    request_removal(cloud.life, TENANT, install.id)
    cloud.run_workflow("uninstall", {"tenant": TENANT, "install": install.id, "part": "remove"})
    return cloud.registry.install(TENANT, install.id).item


def test_two_installs_share_nothing_but_the_version(cloud: Cloud) -> None:
    first, west = two(cloud)
    assert (first.name, west.name) == ("app", "west")
    assert (first.version, first.config, west.config) == (west.version, {"n": 1}, {"n": 2})
    both = {key: whole(cloud, first)[key] | whole(cloud, west)[key] for key in NOTHING}
    assert traces(cloud) == both
    assert all(not whole(cloud, first)[key] & whole(cloud, west)[key] for key in NOTHING)
    assert whole(cloud, west)["tools"] == {"TOOL#app__west"}
    values = [secrets.read_secret(f"{names.secrets_prefix(TENANT, one.id)}key") for one in (first, west)]
    assert values == ["hidden", "of the west"]


def test_a_name_is_held_once_and_the_refusal_says_what_to_do(cloud: Cloud) -> None:
    two(cloud)
    for name in (None, "app", "west"):
        with pytest.raises(Conflict, match="is installed already") as caught:
            request_install(cloud.life, TENANT, REQUEST.model_copy(update={"name": name}), "me")
        assert caught.value.code == "already-installed"
        assert "interlock install add acme/app --name NAME" in caught.value.next_step
    assert len(cloud.registry.installs(TENANT)) == 2


@pytest.mark.parametrize("name", ["", "West", "a_b", "-a", "a-", "a" * 49, "a#b", "a b", "a/b", "é"])
def test_a_name_that_could_be_something_else_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        InstallRequest(app=APP, name=name)


def test_an_app_is_not_taken_for_another_ones_install(cloud: Cloud) -> None:
    """Keys of holders begin with the app: neither a longer name nor a `#` in what is sent leads to another app."""
    two(cloud)
    listed(cloud, app="acme/app-two")
    longer = cloud.install(REQUEST.model_copy(update={"app": "acme/app-two"}))
    assert [one.name for one in cloud.registry.tenant_installs_of_app(TENANT, APP)] == ["app", "west"]
    assert cloud.registry.tenant_installs_of_app(TENANT, "acme/app-two") == [longer]
    assert cloud.registry.tenant_installs_of_app(TENANT, "acme/app#west") == []
    assert cloud.registry.tenant_installs_of_app("other", APP) == []


def test_an_old_item_has_the_name_of_its_app(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST)
    old = Install.model_validate(install.model_dump(exclude={"name"}))
    assert (old.name, old.has_default_name) == ("app", True)
    key = f"APP#{APP}"
    (holder,) = cloud.registry.table.query_all(f"TEN#{TENANT}", "APP#")
    assert holder.key.sk == key, "the key from when an app had one install"


def test_a_request_that_means_several_installs_names_them(cloud: Cloud) -> None:
    first, west = two(cloud)
    with pytest.raises(BadRequest, match="has 2 installs here: app, west") as caught:
        choose_install(cloud.registry, TENANT, APP)
    assert (caught.value.code, "--install app" in caught.value.next_step) == ("which-install", True)
    with pytest.raises(BadRequest, match="2 installs"):
        request_run(requests_of(cloud), TENANT, RunRequest(app=APP), "me")
    assert sent(cloud) == []
    for wanted, install in (("app", first), ("west", west), (west.id, west)):
        assert choose_install(cloud.registry, TENANT, APP, wanted).id == install.id
        run = request_run(requests_of(cloud), TENANT, RunRequest(app=APP, install=wanted), "me")
        assert run.install == install.id
    assert choose_install(cloud.registry, TENANT, "", west.id).id == west.id
    with pytest.raises(NotFound, match="has no install east") as unknown:
        choose_install(cloud.registry, TENANT, APP, "east")
    assert unknown.value.code == "unknown-install"
    with pytest.raises(NotFound, match="acme/other has no install"):
        choose_install(cloud.registry, TENANT, "acme/other", west.id)
    with pytest.raises(BadRequest, match="names no app"):
        choose_install(cloud.registry, TENANT, "")


def test_an_install_that_is_being_removed_is_not_one_to_choose(cloud: Cloud) -> None:
    first, west = two(cloud)
    request_removal(cloud.life, TENANT, west.id)
    assert choose_install(cloud.registry, TENANT, APP).id == first.id
    assert choose_install(cloud.registry, TENANT, APP, "west").status is InstallStatus.REMOVING


def test_the_removal_of_one_leaves_the_other(cloud: Cloud) -> None:
    first, west = two(cloud)
    open_support(cloud.registry, TENANT, SupportRequest(app=APP, reason="ticket"), "me")
    gone = removed(cloud, west)
    assert (gone.status, cloud.registry.install(TENANT, first.id).item) == (InstallStatus.REMOVED, first)
    left = whole(cloud, first)
    assert {key: traces(cloud)[key] for key in ("rules", "schedules", "tools")} == {
        key: left[key] for key in ("rules", "schedules", "tools")
    }
    assert choose_install(cloud.registry, TENANT, APP).id == first.id
    assert SupportSessions(cloud.registry.table.name).read(TENANT, APP), "the app is still installed"
    removed(cloud, first)
    assert SupportSessions(cloud.registry.table.name).read(TENANT, APP) is None


def test_a_removed_one_comes_back_under_its_name(cloud: Cloud) -> None:
    _, west = two(cloud)
    removed(cloud, west)
    request_recovery(cloud.life, TENANT, west.id)
    cloud.run_workflow("install", {"tenant": TENANT, "install": west.id})
    again = cloud.registry.install(TENANT, west.id).item
    assert (again.status, again.name, again.config) == (InstallStatus.ACTIVE, "west", {"n": 2})
    removed(cloud, again)
    other = cloud.install(REQUEST.model_copy(update={"name": "west"}))
    with pytest.raises(Conflict, match="is installed anew as west") as caught:
        request_recovery(cloud.life, TENANT, west.id)
    assert (caught.value.code, other.id in caught.value.next_step) == ("already-installed", True)


def test_an_upgrade_and_a_setting_are_of_one_install(cloud: Cloud) -> None:
    first, west = two(cloud)
    listed(cloud, version="1.1.0")
    request_upgrade(cloud.life, TENANT, west.id, UpgradeRequest(version="1.1.0"), "me")
    cloud.run_workflow("upgrade", {"tenant": TENANT, "install": west.id, "to": "1.1.0", "by": "me"})
    change_settings(cloud.life, TENANT, west.id, InstallChange(config={"n": 3}))
    after = cloud.registry.install(TENANT, west.id).item
    assert (after.version, after.config, after.tools) == ("1.1.0", {"n": 3}, ("app__west",))
    assert cloud.registry.install(TENANT, first.id).item == first


def test_a_tool_of_another_install_has_its_name(cloud: Cloud) -> None:
    first, west = two(cloud)
    tools = {tool.name: tool for tool in callable_tools(cloud.registry, TENANT).tools}
    assert {name: (tool.install, tool.install_name) for name, tool in tools.items()} == {
        "app": (first.id, "app"),
        "app__west": (west.id, "west"),
    }
    assert tools["app"].input_schema == tools["app__west"].input_schema == {"type": "object"}
    for name, install in (("app", first), ("app__west", west)):
        run = call_tool(requests_of(cloud), TENANT, name, ToolCall(key="once"), "me")
        assert run.install == install.id
    messages = sent(cloud)
    assert {message["trigger"] for message in messages} == {"tool:app"}
    assert {message["install"] for message in messages} == {first.id, west.id}


def test_a_tool_whose_name_is_that_of_another_install_is_refused(cloud: Cloud) -> None:
    two(cloud)
    listed(
        cloud,
        app="other/two",
        workflows={"w": {"steps": ["one"], "triggers": [{"tool": "app__west", "input_schema": "t.json"}]}},
    )
    with pytest.raises(Conflict, match="acme/app has a tool 'app__west' already"):
        request_install(cloud.life, TENANT, REQUEST.model_copy(update={"app": "other/two"}), "me")


def test_many_installs_are_read_in_batches(cloud: Cloud) -> None:
    """DynamoDB reads a hundred keys at once."""
    listed(cloud)
    install = cloud.install(REQUEST)
    for number in range(120):
        one = install.model_copy(update={"id": names.ulid(), "name": f"n{number:03d}"})
        cloud.registry.hold_name(TENANT, APP, one.name, one.id)
        cloud.registry.write_install(Stored(item=one, rev=0))
    assert len(cloud.registry.tenant_installs_of_app(TENANT, APP)) == 121
