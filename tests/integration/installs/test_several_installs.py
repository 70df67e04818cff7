"""Several installs of one app in a tenant: each has its name, its triggers and its data, and requests say which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from interlock.aws.clients import client
from interlock.aws.services import secrets
from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.support_sessions import SupportSessions
from interlock.aws.tables.table import Key, Stored
from interlock.contract.core import limits, names
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Undeliverable
from interlock.contract.dead_letter import DeadState
from interlock.contract.envelope import Trigger
from interlock.contract.event import RunDetail
from interlock.contract.install import InstallChange, InstallRequest, UpgradeRequest
from interlock.contract.registry import Channel, Install, InstallStatus
from interlock.contract.run import Body, Run, RunStatus
from interlock.contract.run_request import RunRequest, ToolCall
from interlock.contract.start_message import StartMessage
from interlock.contract.support import SupportRequest
from interlock.control.access.audit import AuditedCall, begin_change
from interlock.control.access.support import open_support
from interlock.control.copilot.call_tool import call_tool as call_by_copilot
from interlock.control.copilot.call_tool import list_tools
from interlock.control.events.dead_letters import DeadLetterContext, list_dead, list_dead_of_app
from interlock.control.events.record_dead_letter import record_refused
from interlock.control.events.schedules import list_schedules
from interlock.control.inspection.search import read_filter, search_runs
from interlock.control.installs.choose import choose_install
from interlock.control.installs.install import request_install
from interlock.control.installs.maintenance import look_at_upgrade
from interlock.control.installs.rollout import roll_out
from interlock.control.installs.settings import change_settings
from interlock.control.installs.tools import callable_tools
from interlock.control.installs.uninstall import request_recovery, request_removal
from interlock.control.installs.upgrade import request_upgrade
from interlock.control.runs.notify import notify_end
from interlock.control.runs.requests import RunRequestContext, call_tool, request_run
from interlock.control.tenants.offboard import next_install
from interlock.control.usage.quotas import show_quotas
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.copilots import ARTIFACTS, copilot, sent
from tests.support.installs import NOTHING, REQUEST, traces, whole
from tests.support.people import caller

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


def ran(cloud: Cloud, install: Install, number: int, status: RunStatus, **fields: Any) -> Run:
    """A run of an install that is over."""
    run = Run(
        id=f"{number:020d}",
        tenant=TENANT,
        install=install.id,
        app=install.app,
        install_name=install.name,
        version=install.version,
        workflow="main",
        trigger=Trigger(kind="api", name="api", id="1"),
        status=status,
        execution="e",
        started=moment(datetime.now(UTC) + timedelta(milliseconds=number)),
        ended=AT,
        input=Body(),
        **fields,
    )
    cloud.runs.create(run)
    return run


def test_an_upgrade_is_watched_by_the_runs_of_its_own_install(cloud: Cloud) -> None:
    """The other install's runs are the newer ones in the same index, more than are read at once, and all fail."""
    first, west = two(cloud)
    listed(cloud, version="1.1.0")
    for install in (first, west):
        request_upgrade(cloud.life, TENANT, install.id, UpgradeRequest(version="1.1.0"), "me")
        cloud.run_workflow("upgrade", {"tenant": TENANT, "install": install.id, "to": "1.1.0", "by": "me"})
    first, west = (cloud.registry.install(TENANT, one.id).item for one in (first, west))
    for number in range(limits.WATCH_RUNS):
        ran(cloud, first, number, RunStatus.SUCCEEDED)
    for number in range(limits.WATCH_READS + 1):
        ran(cloud, west, 1_000 + number, RunStatus.FAILED)
    assert look_at_upgrade(cloud.life, first) == ""
    assert "100 of its 100 runs failed" in look_at_upgrade(cloud.life, west)
    for number in range(limits.WATCH_RUNS + 1):
        ran(cloud, first, 100 + number, RunStatus.FAILED)
    assert f"{limits.WATCH_RUNS + 1} of its" in look_at_upgrade(cloud.life, first), "older than a page of the other's"


def test_a_run_is_compared_with_a_good_one_of_its_install(cloud: Cloud) -> None:
    first, west = two(cloud)
    own = ran(cloud, first, 1, RunStatus.SUCCEEDED)
    others = [ran(cloud, west, 10 + number, RunStatus.SUCCEEDED) for number in range(limits.GOOD_RUNS + 1)]
    failed = ran(cloud, first, 50, RunStatus.FAILED)
    assert cloud.runs.last_good(failed) == own
    stranger = ran(cloud, first.model_copy(update={"id": "other", "name": "east"}), 60, RunStatus.FAILED)
    assert cloud.runs.good_runs(stranger) == others[: -limits.GOOD_RUNS - 1 : -1], "of others, where it has none"


def test_runs_are_searched_by_the_name_or_the_id_of_an_install(cloud: Cloud) -> None:
    first, west = two(cloud)
    one, other = ran(cloud, first, 1, RunStatus.FAILED), ran(cloud, west, 2, RunStatus.FAILED)
    for wanted, run in (("app", one), ("west", other), (west.id, other)):
        for fields in ({}, {"status": "failed"}):
            page = search_runs(cloud.runs, cloud.bucket, TENANT, read_filter({"install": wanted} | fields))
            assert [row.id for row in page.runs] == [run.id]
    assert search_runs(cloud.runs, cloud.bucket, TENANT, read_filter({"install": "east"})).runs == ()


def test_a_run_its_event_and_its_cause_say_which_install(cloud: Cloud) -> None:
    _, west = two(cloud)
    run = ran(cloud, west, 1, RunStatus.FAILED)
    assert (run.cause().install, run.cause().install_name) == (west.id, "west")
    old = Run.model_validate(run.model_dump(exclude={"install_name"}))
    assert old.install_name == "app", "runs from when an app had one install"
    queue = client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    notify_end(run, None, queue)
    (alert,) = client("sqs").receive_message(QueueUrl=queue)["Messages"]
    detail = RunDetail.model_validate_json(alert["Body"])
    assert (detail.install, detail.install_name) == (west.id, "west")
    assert detail.cause is not None
    assert detail.cause.install_name == "west"


def test_a_dead_letter_says_which_install_and_not_to_a_publisher(cloud: Cloud) -> None:
    _, west = two(cloud)
    message = StartMessage(tenant=TENANT, install=west.id, workflow="gone", trigger="api", kind="api", id="k")
    record_refused(message, Undeliverable("it is gone"), cloud.runs, cloud.registry, cloud.bucket)
    context = DeadLetterContext(runs=cloud.runs, bucket=cloud.bucket, queue=cloud.queue)
    (letter,) = list_dead(context, TENANT, DeadState.DEAD).letters
    assert (letter.install, letter.install_name) == (west.id, "west")
    (shown,) = list_dead_of_app(context, APP, DeadState.DEAD).letters
    assert shown.install_name == ""


def test_quotas_and_schedules_say_which_install(cloud: Cloud) -> None:
    first, west = two(cloud)
    lines = show_quotas(cloud.registry, cloud.runs.table.name, TENANT).lines
    assert {line.install: line.install_name for line in lines} == {"": "", first.id: "app", west.id: "west"}
    rows = list_schedules(cloud.registry, cloud.runs, TENANT).schedules
    assert {row.install: row.install_name for row in rows} == {first.id: "app", west.id: "west"}


def test_a_copilot_starts_a_workflow_of_a_named_install(cloud: Cloud) -> None:
    _, west = two(cloud)
    with pytest.raises(BadRequest) as caught:
        call_by_copilot(copilot(cloud), "start_workflow", {"app": APP})
    assert caught.value.code == "which-install"
    started = call_by_copilot(copilot(cloud), "start_workflow", {"app": APP, "install": "west"}).data
    assert (started["install"], started["install_name"]) == (west.id, "west")
    offered = {tool.name: tool for tool in list_tools(copilot(cloud)).tools if tool.app}
    assert set(offered) == {"acme__app", "acme__app__west"}
    assert "(its install west)" in offered["acme__app__west"].description
    assert "its install" not in offered["acme__app"].description
    called = call_by_copilot(copilot(cloud), "acme__app__west", {}).data
    assert called["install"] == west.id
    workflows = call_by_copilot(copilot(cloud), "list_workflows", {})
    assert "acme/app main (install west)" in workflows.said
    for name in ("acme__app__east", "acme__app__WEST", "other__app__west"):
        with pytest.raises(NotFound, match="does not exist"):
            call_by_copilot(copilot(cloud), name, {})


def test_the_audit_log_says_the_name_of_an_install(cloud: Cloud) -> None:
    _, west = two(cloud)
    log, who = AuditLog(cloud.registry.table.name), caller(f"tenant/{TENANT}")
    for path, name in ((f"installs/{west.id}/upgrade", "west"), ("installs/gone", ""), ("installs", "")):
        change = begin_change(
            log, who, f"tenant/{TENANT}", AuditedCall("install", "POST", f"/v1/tenants/{TENANT}/{path}")
        )
        assert change.install_name == name


def test_a_tenant_counts_once_for_a_listing(cloud: Cloud) -> None:
    """Whoever installs an app many times does not make it look popular."""
    first, west = two(cloud)
    key = Key(pk=f"COUNTED#{west.id}", sk="META")
    assert cloud.registry.table.get(key) is None
    assert cloud.registry.table.get(key.model_copy(update={"pk": f"COUNTED#{first.id}"})) is not None
    removed(cloud, west)
    assert cloud.registry.table.get(key.model_copy(update={"pk": f"COUNTED#{first.id}"})) is not None


def test_offboarding_removes_every_install_of_an_app(cloud: Cloud) -> None:
    two(cloud)
    cloud.registry.change_tenant(TENANT, lambda tenant: tenant.model_copy(update={"status": "offboarding"}))
    for _ in range(10):
        done = next_install(cloud.life, TENANT, lambda: True)
        for install in cloud.registry.installs(TENANT, gone=True):
            part = "erase" if install.status is InstallStatus.REMOVED else "remove"
            if install.status is not InstallStatus.DELETED:
                cloud.run_workflow("uninstall", {"tenant": TENANT, "install": install.id, "part": part})
        if done:
            break
    assert traces(cloud) == NOTHING
    assert {one.status for one in cloud.registry.installs(TENANT, gone=True)} == {InstallStatus.DELETED}


def test_a_rollout_moves_each_install_by_its_own_channel(cloud: Cloud) -> None:
    first, west = two(cloud)
    change_settings(cloud.life, TENANT, west.id, InstallChange(channel=Channel.PINNED))
    listed(cloud, version="1.1.0")
    assert roll_out(cloud.life, APP, None) is None
    arn = cloud.life.machines.upgrade
    begun = client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]
    assert [row["name"].partition("-")[0] for row in begun] == [first.id]
