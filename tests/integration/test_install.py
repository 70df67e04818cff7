"""The install lifecycle: whatever call fails, nothing half-installed remains, and doing it again works."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.aws.clients import client
from interlock.contract import names
from interlock.contract.failure import Conflict, NotFound, Rejected
from interlock.contract.manifest import EventTrigger
from interlock.contract.registry import Install, InstallStatus
from interlock.control.install import (
    InstallRequest,
    event_pattern,
    install_app,
    newest_listed,
    remove_install,
    tool_key,
)
from tests.integration.conftest import TENANT, Cloud, listed

GRANT = ("catalog:read", "secret:key", "state")
REQUEST = InstallRequest(app="acme/app", grant=GRANT, config={"n": 1}, secrets={"key": "hidden"})


def traces(cloud: Cloud) -> dict[str, set[str]]:
    """What installs have left in AWS."""
    rules = client("events").list_rules(EventBusName=names.bus_name(TENANT))["Rules"]
    schedules = client("scheduler").list_schedules(GroupName="interlock")["Schedules"]
    secrets = client("secretsmanager").list_secrets()["SecretList"]
    tools = cloud.registry.table.query_all(f"TEN#{TENANT}", "TOOL#")
    return {
        "rules": {row["Name"] for row in rules},
        "schedules": {row["Name"] for row in schedules},
        "secrets": {row["Name"] for row in secrets},
        "tools": {row.key.sk for row in tools},
    }


def whole(install: Install) -> dict[str, set[str]]:
    """What one install leaves while it is there."""
    return {
        "rules": {f"{install.id}-0", f"{install.id}-1"},
        "schedules": {f"{install.id}-0"},
        "secrets": {names.secrets_prefix(TENANT, install.id) + "key"},
        "tools": {tool_key(TENANT, "app").sk},
    }


NOTHING: dict[str, set[str]] = {"rules": set(), "schedules": set(), "secrets": set(), "tools": set()}


def test_an_install_is_items_rules_schedules_and_secrets(cloud: Cloud) -> None:
    version = listed(cloud)
    install = install_app(cloud.installer, TENANT, REQUEST, "me")
    assert (install.status, install.granted) == (
        InstallStatus.ACTIVE,
        version.manifest.permissions.scopes() if version.manifest else (),
    )
    assert traces(cloud) == whole(install)
    target = client("events").list_targets_by_rule(Rule=f"{install.id}-0", EventBusName=names.bus_name(TENANT))[
        "Targets"
    ][0]
    assert target["Arn"] == cloud.queue_arn
    assert '"event":<aws.events.event.json>' in target["InputTransformer"]["InputTemplate"]
    with pytest.raises(Conflict):
        install_app(cloud.installer, TENANT, REQUEST, "me")
    assert remove_install(cloud.installer, TENANT, install.id).status is InstallStatus.REMOVED
    assert traces(cloud) == NOTHING
    with pytest.raises(NotFound):
        remove_install(cloud.installer, TENANT, install.id)
    assert "hidden" not in install.model_dump_json()


def test_what_is_wrong_is_said_before_anything_is_written(cloud: Cloud) -> None:
    listed(cloud)
    for change in ({"grant": ("state",)}, {"config": {"n": "x"}}, {"secrets": {"other": "1"}}):
        with pytest.raises(Rejected):
            install_app(cloud.installer, TENANT, REQUEST.model_copy(update=change), "me")
        assert traces(cloud) == NOTHING
    with pytest.raises(NotFound):
        install_app(cloud.installer, "nobody", REQUEST, "me")
    assert cloud.registry.installs(TENANT) == []


def test_the_newest_version_is_taken_by_number(cloud: Cloud) -> None:
    for version in ("1.9.0", "1.10.0", "1.10.0-rc"):
        listed(cloud, version=version)
    assert newest_listed(cloud.registry, "acme/app").version == "1.10.0"
    assert newest_listed(cloud.registry, "acme/app", "1.9.0").version == "1.9.0"


def test_calls_do_not_grow_with_installs(cloud: Cloud) -> None:
    counts: list[int] = []
    for number in range(3):
        listed(cloud, app=f"acme/app-{number}")
        cloud.calls.clear()
        install_app(cloud.installer, TENANT, REQUEST.model_copy(update={"app": f"acme/app-{number}"}), "me")
        counts.append(len(cloud.calls))
    assert len(set(counts)) == 1


def test_the_pattern_is_the_triggers(cloud: Cloud) -> None:
    version = listed(cloud)
    assert version.manifest is not None
    trigger = version.manifest.workflows["main"].triggers[0]
    assert isinstance(trigger, EventTrigger)
    assert event_pattern(trigger) == {
        "source": [{"prefix": "interlock."}],
        "detail-type": ["asset.created"],
        "detail": {"asset": {"type": ["table"]}},
    }


class Breaker:
    """Fails the n-th call that writes to AWS, once."""

    def __init__(self, at: int) -> None:
        self.left = at
        for service in ("dynamodb", "events", "scheduler", "secretsmanager"):
            client(service).meta.events.register("before-call.*.*", self.heard)

    def heard(self, model: object, **_words: object) -> None:
        name = str(getattr(model, "name", ""))
        if name.startswith(("Put", "Create", "Delete", "Remove")):
            self.left -= 1
            if self.left == 0:
                raise ClientError({"Error": {"Code": "InternalError", "Message": "broken on purpose"}}, name)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["install", "remove"]), st.integers(1, 16)), min_size=1, max_size=4))
def test_any_failure_leaves_a_state_from_which_both_ways_lead(cloud: Cloud, steps: list[tuple[str, int]]) -> None:
    if not cloud.registry.versions("acme/app"):
        listed(cloud)
    for verb, at in steps:
        breaker = Breaker(at)
        try:
            act(cloud, verb)
        except (ClientError, Conflict, NotFound):
            pass
        breaker.left = 0
        found = cloud.registry.install_of_app(TENANT, "acme/app")
        if found is not None and found.status is InstallStatus.ACTIVE:
            assert traces(cloud) == whole(found)
    for verb in ("install", "remove"):
        try:
            act(cloud, verb)
        except (Conflict, NotFound):
            continue
    for install in cloud.registry.installs(TENANT):
        remove_install(cloud.installer, TENANT, install.id)
    assert traces(cloud) == NOTHING


def act(cloud: Cloud, verb: str) -> None:
    if verb == "install":
        install_app(cloud.installer, TENANT, REQUEST, "me")
        return
    found = cloud.registry.install_of_app(TENANT, "acme/app")
    if found is None:
        raise NotFound("nothing to remove")
    remove_install(cloud.installer, TENANT, found.id)
