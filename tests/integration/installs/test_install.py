"""Installs from consent to receipt: what each change leaves in AWS, and what is refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from interlock.aws.clients import client
from interlock.aws.services import event_bus
from interlock.aws.tables.table import Stored
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Conflict, NotFound, Rejected
from interlock.contract.install import InstallChange, UpgradeRequest
from interlock.contract.manifest import EventTrigger
from interlock.contract.registry import Channel, Install, InstallStatus, WatchRule
from interlock.contract.trigger import event_pattern
from interlock.control.apps.releases import release_to_install
from interlock.control.installs.install import request_install
from interlock.control.installs.rollout import roll_out
from interlock.control.installs.settings import change_settings
from interlock.control.installs.uninstall import request_deletion, request_recovery, request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.installs import GRANT, MORE, NOTHING, REQUEST, traces, whole


def read(cloud: Cloud, install: str) -> Install:
    return cloud.registry.install(TENANT, install).item


def switched(cloud: Cloud, install: str, to: str, **fields: Any) -> Install:
    order = {"tenant": TENANT, "install": install, "to": to, "by": "me"} | fields
    cloud.run_workflow("upgrade", order)
    return read(cloud, install)


def begun(cloud: Cloud, machine: str) -> list[dict[str, Any]]:
    """Executions of one of the platform's workflows that were begun."""
    arn = getattr(cloud.life.machines, machine)
    return client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]


def test_an_install_is_items_rules_schedules_and_secrets(cloud: Cloud) -> None:
    version = listed(cloud)
    install = cloud.install(REQUEST)
    assert (install.status, install.allowed(version)) == (InstallStatus.ACTIVE, GRANT)
    assert traces(cloud) == whole(cloud, install)
    assert len(whole(cloud, install)["rules"]) == 2
    rule = min(whole(cloud, install)["rules"])
    targets = client("events").list_targets_by_rule(Rule=rule, EventBusName=names.bus_name(TENANT))["Targets"]
    assert targets[0]["Arn"] == cloud.queue_arn
    assert '"event":<aws.events.event.json>' in targets[0]["InputTransformer"]["InputTemplate"]
    assert "hidden" not in install.model_dump_json()
    with pytest.raises(Conflict):
        request_install(cloud.life, TENANT, REQUEST, "me")


def test_what_a_rules_target_does_not_take_becomes_a_letter(cloud: Cloud) -> None:
    event_bus.put_rule(TENANT, "a-rule", {"source": ["x"]}, cloud.queue_arn, {})
    bus = names.bus_name(TENANT)
    (target,) = client("events").list_targets_by_rule(Rule="a-rule", EventBusName=bus)["Targets"]
    place = cloud.queue_arn.rpartition(":")[0]
    assert target["DeadLetterConfig"] == {"Arn": f"{place}:{names.RULE_LETTERS}"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86_400}


def test_a_bus_without_room_for_a_rule_says_so(cloud: Cloud) -> None:
    """AWS's quota of rules, as it answers: the emulated one has none."""
    full = {"Error": {"Code": "LimitExceededException", "Message": "The requested resource exceeds the maximum"}}

    def refused(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        return AWSResponse("", 400, HTTPHeaders(), None), full

    events = client("events").meta.events
    events.register("before-call.events.PutRule", refused)
    try:
        with pytest.raises(Conflict, match="as many rules as AWS allows") as caught:
            event_bus.put_rule(TENANT, "a-rule", {"source": ["x"]}, cloud.queue_arn, {})
    finally:
        events.unregister("before-call.events.PutRule", refused)
    assert caught.value.code == "bus-full"


def test_a_wrong_request_is_refused_before_anything_is_written(cloud: Cloud) -> None:
    listed(cloud)
    for change in ({"grant": ("state",)}, {"config": {"n": "x"}}, {"secrets": {"other": "1"}}):
        with pytest.raises(Rejected):
            request_install(cloud.life, TENANT, REQUEST.model_copy(update=change), "me")
        assert traces(cloud) == NOTHING
    with pytest.raises(NotFound):
        request_install(cloud.life, "nobody", REQUEST, "me")
    assert cloud.registry.installs(TENANT, gone=True) == []
    cloud.registry.change_tenant(TENANT, lambda tenant: tenant.model_copy(update={"status": "offboarding"}))
    with pytest.raises(Conflict, match="offboarded"):
        request_install(cloud.life, TENANT, REQUEST, "me")
    assert begun(cloud, "install") == []


def test_another_apps_tool_is_not_taken(cloud: Cloud) -> None:
    listed(cloud)
    first = cloud.install(REQUEST)
    trigger = {"tool": "app", "input_schema": "t.json"}
    taken: dict[str, Any] = {"workflows": {"w": {"steps": ["one"], "triggers": [trigger]}}}
    listed(cloud, app="other/two", **taken)
    with pytest.raises(Conflict, match="acme/app has a tool"):
        request_install(cloud.life, TENANT, REQUEST.model_copy(update={"app": "other/two"}), "me")
    assert traces(cloud) == whole(cloud, first)


def test_the_newest_version_of_the_channel_is_taken(cloud: Cloud) -> None:
    for version in ("1.9.0", "1.10.0", "1.11.0-rc.2", "1.11.0-rc.10"):
        listed(cloud, version=version)
    assert release_to_install(cloud.registry, "acme/app").version == "1.10.0"
    assert release_to_install(cloud.registry, "acme/app", channel=Channel.BETA).version == "1.11.0-rc.10"
    assert release_to_install(cloud.registry, "acme/app", "1.9.0").version == "1.9.0"


def test_calls_do_not_grow_with_installs_or_versions(cloud: Cloud) -> None:
    counts: list[list[int]] = []
    for number in range(3):
        app = f"acme/app-{number}"
        for patch in range(1 + 4 * number):
            listed(cloud, app=app, version=f"1.0.{patch}")
        listed(cloud, app=app, version="1.1.0")
        cloud.calls.clear()
        row: list[int] = []

        def count(row: list[int] = row) -> None:
            row.append(len(cloud.calls))
            cloud.calls.clear()

        request = request_install(cloud.life, TENANT, REQUEST.model_copy(update={"app": app, "version": "1.0.0"}), "me")
        cloud.run_workflow("install", {"tenant": TENANT, "install": request.id})
        count()
        switched(cloud, request.id, "1.1.0")
        count()
        switched(cloud, request.id, "1.0.0", kind="rollback")
        count()
        request_removal(cloud.life, TENANT, request.id)
        cloud.run_workflow("uninstall", {"tenant": TENANT, "install": request.id, "part": "remove"})
        count()
        counts.append(row)
    assert counts[0] == counts[1] == counts[2]


def test_the_pattern_is_the_triggers(cloud: Cloud) -> None:
    version = listed(cloud)
    assert version.manifest is not None
    trigger = version.manifest.workflows["main"].triggers[0]
    assert isinstance(trigger, EventTrigger)
    assert event_pattern(trigger) == {
        "source": ["interlock.catalog"],
        "detail-type": ["asset.created"],
        "detail": {"asset": {"type": ["table"]}},
    }


def test_a_version_without_new_permissions_is_followed_by_itself(cloud: Cloud) -> None:
    listed(cloud)
    stable = cloud.install(REQUEST)
    listed(cloud, version="2.0.0", permissions=MORE)
    assert roll_out(cloud.life, "acme/app", None) is None
    waiting = read(cloud, stable.id)
    assert (waiting.version, waiting.offer and waiting.offer.version) == ("1.0.0", "2.0.0")
    assert waiting.offer and waiting.offer.permissions == ("catalog:write:tags",)
    assert begun(cloud, "upgrade") == []

    # A fix for who has not consented: newer than what runs, older than what waits.
    listed(cloud, version="1.0.1")
    roll_out(cloud.life, "acme/app", None)
    assert len(begun(cloud, "upgrade")) == 1
    after = switched(cloud, stable.id, "1.0.1", automatic=True)
    assert (after.version, after.previous, after.offer and after.offer.version) == ("1.0.1", "1.0.0", "2.0.0")

    with pytest.raises(Rejected):
        request_upgrade(cloud.life, TENANT, stable.id, UpgradeRequest(version="2.0.0"), "me")
    request = UpgradeRequest(version="2.0.0", grant=("catalog:write:tags",))
    request_upgrade(cloud.life, TENANT, stable.id, request, "me")
    consented = switched(cloud, stable.id, "2.0.0")
    assert (consented.version, consented.offer) == ("2.0.0", None)
    two = cloud.registry.version("acme/app", "2.0.0").item
    assert "catalog:write:tags" in consented.allowed(two)
    old = cloud.registry.version("acme/app", "1.0.1").item
    assert "catalog:write:tags" not in consented.allowed(old), "a run of the old version keeps the old permissions"


def test_a_tool_that_changed_waits_for_consent(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST)
    tool = {"tool": "app", "input_schema": "t.json", "description": "Now it does something else."}
    listed(cloud, version="1.1.0", workflows={"main": {"steps": ["one"], "triggers": [tool]}})
    roll_out(cloud.life, "acme/app", None)
    result = read(cloud, install.id)
    assert result.offer and result.offer.permissions[0].startswith("tool:app:")
    assert begun(cloud, "upgrade") == []


def test_a_pinned_install_stays_until_its_channel_changes(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST.model_copy(update={"channel": Channel.PINNED}))
    listed(cloud, version="1.1.0")
    roll_out(cloud.life, "acme/app", None)
    assert begun(cloud, "upgrade") == []
    change_settings(cloud.life, TENANT, install.id, InstallChange(channel=Channel.STABLE))
    assert len(begun(cloud, "upgrade")) == 1
    with pytest.raises(Rejected):
        change_settings(cloud.life, TENANT, install.id, InstallChange(config={"n": "x"}))


def test_a_switch_changes_only_what_differs_and_back_restores_it(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST)
    before = traces(cloud)
    triggers = [{"event": "guest.arrived"}, {"event": "guest.left"}, {"tool": "app", "input_schema": "t.json"}]
    listed(cloud, version="1.1.0", workflows={"main": {"steps": ["one"], "triggers": triggers}})
    upgraded = switched(cloud, install.id, "1.1.0")
    assert traces(cloud) == whole(cloud, upgraded)
    assert len(traces(cloud)["rules"] & before["rules"]) == 1
    assert (upgraded.previous, upgraded.watch and upgraded.watch.back) == ("1.0.0", "1.0.0")
    request_rollback(cloud.life, TENANT, install.id, "me")
    back = switched(cloud, install.id, "1.0.0", kind="rollback")
    assert traces(cloud) == before
    assert (back.version, back.held, back.watch, back.previous) == ("1.0.0", ("1.1.0",), None, None)
    roll_out(cloud.life, "acme/app", None)
    assert read(cloud, install.id).moving is None
    assert len(begun(cloud, "upgrade")) == 1, "what was rolled back from is not taken up by itself"
    with pytest.raises(Conflict, match="no earlier version"):
        request_rollback(cloud.life, TENANT, install.id, "me")


def test_a_config_that_does_not_fit_keeps_the_old_version(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST)
    version = listed(cloud, version="1.1.0")
    stored = cloud.registry.version("acme/app", "1.1.0")
    strict = version.model_copy(update={"config_schema": {"type": "object", "required": ["region"]}})
    cloud.registry.write_version(Stored(item=strict, rev=stored.rev))
    with pytest.raises(Exception, match="NotSwitched"):
        switched(cloud, install.id, "1.1.0", automatic=True)
    result = read(cloud, install.id)
    assert (result.version, result.moving) == ("1.0.0", None)
    assert result.offer and "region" in result.offer.problem
    request_upgrade(cloud.life, TENANT, install.id, UpgradeRequest(version="1.1.0", config={"region": "eu"}), "me")
    assert switched(cloud, install.id, "1.1.0").version == "1.1.0"


def test_a_removed_install_recovers_a_deleted_has_a_receipt(cloud: Cloud) -> None:
    listed(cloud)
    install = cloud.install(REQUEST)
    state = names.state_prefix(TENANT, install.id)
    for number in range(3):
        client("s3").put_object(Bucket=cloud.bucket, Key=f"{state}{number}", Body=b"x")
    order = {"tenant": TENANT, "install": install.id, "part": "remove"}
    assert request_removal(cloud.life, TENANT, install.id).status is InstallStatus.REMOVING
    cloud.run_workflow("uninstall", order)
    removed = read(cloud, install.id)
    assert (removed.status, bool(removed.delete_after)) == (InstallStatus.REMOVED, True)
    assert traces(cloud) == NOTHING | {"secrets": whole(cloud, install)["secrets"]}
    with pytest.raises(NotFound):
        request_removal(cloud.life, TENANT, install.id)

    request_recovery(cloud.life, TENANT, install.id)
    cloud.run_workflow("install", {"tenant": TENANT, "install": install.id})
    again = read(cloud, install.id)
    assert (again.status, again.config, again.removed) == (InstallStatus.ACTIVE, {"n": 1}, None)
    assert traces(cloud) == whole(cloud, install)

    request_removal(cloud.life, TENANT, install.id)
    cloud.run_workflow("uninstall", order)
    request_deletion(cloud.life, TENANT, install.id)
    with pytest.raises(Conflict):
        request_recovery(cloud.life, TENANT, install.id)
    cloud.run_workflow("uninstall", order | {"part": "erase"})
    gone = read(cloud, install.id)
    assert gone.receipt is not None
    assert (gone.status, gone.receipt.deleted.objects, gone.receipt.deleted.secrets) == (InstallStatus.DELETED, 3, 1)
    assert traces(cloud) == NOTHING
    assert "Contents" not in client("s3").list_objects_v2(Bucket=cloud.bucket, Prefix=state)
    with pytest.raises(NotFound):
        request_recovery(cloud.life, TENANT, install.id)
    assert cloud.install(REQUEST).id != install.id


def test_the_watch_rule_is_bounded() -> None:
    for fields in ({"rate": 0}, {"rate": 1.1}, {"runs": 0}, {"minutes": limits.MAX_WATCH_MINUTES + 1}):
        with pytest.raises(ValueError, match="validation error"):
            WatchRule.model_validate(fields)


def test_installs_and_versions_come_by_pages(cloud: Cloud) -> None:
    for name in ("one", "two", "three"):
        listed(cloud, f"acme/{name}")
        cloud.install(REQUEST.model_copy(update={"app": f"acme/{name}"}))
    first, cursor = cloud.registry.installs_page(TENANT, 2, None)
    rest, end = cloud.registry.installs_page(TENANT, 2, cursor)
    assert {row.app for row in (*first, *rest)} == {"acme/one", "acme/two", "acme/three"}
    assert (len(first), len(rest), end) == (2, 1, None)
    for number in (1, 2):
        listed(cloud, "acme/one", f"1.{number}.0")
    rows, cursor = cloud.registry.versions("acme/one", 2, None)
    more, end = cloud.registry.versions("acme/one", 2, cursor)
    assert ([row.version for row in (*rows, *more)], end) == (["1.0.0", "1.1.0", "1.2.0"], None)
