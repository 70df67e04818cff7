"""Any order of changes of two installs of an app, each killed somewhere and taken up again, leaves what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict, NotFound, Rejected
from interlock.contract.install import InstallRequest, UpgradeRequest
from interlock.contract.registry import Install, InstallStatus
from interlock.control.installs.context import RESUME_MINUTES
from interlock.control.installs.install import request_install
from interlock.control.installs.maintenance import maintain_installs
from interlock.control.installs.uninstall import request_deletion, request_recovery, request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.crashes import Killed, listening
from tests.support.installs import MORE, NOTHING, REQUEST, traces, whole
from tests.support.sagas import WorkflowFailed

NAMES = ("app", "west")
"""Of two installs of the app: that of the app itself, and another."""
VERBS = ("install", "upgrade", "rollback", "remove", "recover", "delete")
REFUSED = (Conflict, NotFound, Rejected, WorkflowFailed)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(VERBS), st.sampled_from(NAMES), st.integers(0, 25)), min_size=1, max_size=8
    )
)
def test_kills_and_changes_in_any_order(cloud: Cloud, steps: list[tuple[str, str, int]]) -> None:
    if not cloud.registry.app("acme/app").item.releases:
        listed(cloud)
        triggers = [{"event": "guest.left"}, {"tool": "app", "input_schema": "t.json"}]
        listed(cloud, version="2.0.0", permissions=MORE, workflows={"main": {"steps": ["one"], "triggers": triggers}})
    with listening() as killer:
        for verb, name, point in steps:
            killer.calls.clear()
            killer.at = point
            try:
                act(cloud, verb, name)
            except (Killed, *REFUSED):
                pass
            killer.at = 0
            # Step Functions, the clock or the tenant takes it up again.
            finish(cloud)
            expected: dict[str, set[str]] = {key: set() for key in NOTHING}
            for install in cloud.registry.installs(TENANT, gone=True):
                stored = whole(cloud, install) if install.status is InstallStatus.ACTIVE else NOTHING
                stored = stored | {"secrets": whole(cloud, install)["secrets"]}
                expected = {key: expected[key] | stored[key] for key in expected}
            assert traces(cloud) == expected
            live = [install.name for install in cloud.registry.installs(TENANT)]
            assert len(live) == len(set(live)), "a name is held once"
            assert [one.name for one in cloud.registry.tenant_installs_of_app(TENANT, "acme/app")] == sorted(live)
        for install in cloud.registry.installs(TENANT):
            request_removal(cloud.life, TENANT, install.id)
            finish(cloud)
        for install in cloud.registry.installs(TENANT, gone=True):
            if install.status is InstallStatus.REMOVED and install.delete_after:
                request_deletion(cloud.life, TENANT, install.id)
        finish(cloud)
    assert traces(cloud) == NOTHING


def newest(cloud: Cloud, name: str) -> Install:
    result = [install for install in cloud.registry.installs(TENANT, gone=True) if install.name == name]
    if not result:
        raise NotFound("nothing is installed")
    return max(result, key=lambda install: install.id)


def act(cloud: Cloud, verb: str, name: str) -> None:
    if verb == "install":
        subject = request_install(
            cloud.life, TENANT, InstallRequest.model_validate(REQUEST.model_dump() | {"name": name}), "me"
        )
        cloud.run_workflow("install", words(subject))
        return
    result = newest(cloud, name)
    match verb:
        case "upgrade":
            request = UpgradeRequest(version="2.0.0", grant=("catalog:write:tags",))
            begun = request_upgrade(cloud.life, TENANT, result.id, request, "me")
            cloud.run_workflow("upgrade", words(result, to=begun.to))
        case "rollback":
            begun = request_rollback(cloud.life, TENANT, result.id, "me")
            cloud.run_workflow("upgrade", words(result, to=begun.to, kind="rollback"))
        case "remove":
            request_removal(cloud.life, TENANT, result.id)
            cloud.run_workflow("uninstall", words(result, part="remove"))
        case "recover":
            request_recovery(cloud.life, TENANT, result.id)
            cloud.run_workflow("install", words(result))
        case _:
            request_deletion(cloud.life, TENANT, result.id)
            cloud.run_workflow("uninstall", words(result, part="erase"))


def finish(cloud: Cloud) -> None:
    """What the clock does with a change that was cut off: it looks, and the workflow runs that it begins."""
    maintain_installs(cloud.life, moment(datetime.now(UTC) + timedelta(minutes=RESUME_MINUTES + 1)))
    for install in cloud.registry.installs(TENANT, gone=True):
        match install.status:
            case InstallStatus.INSTALLING:
                cloud.run_workflow("install", words(install))
            case InstallStatus.REMOVING:
                cloud.run_workflow("uninstall", words(install, part="remove"))
            case InstallStatus.ACTIVE if install.moving:
                cloud.run_workflow("upgrade", words(install, to=install.moving.to, kind=install.moving.kind))
            case InstallStatus.REMOVED if install.receipt:
                cloud.run_workflow("uninstall", words(install, part="erase"))
            case _:
                continue


def words(install: Install, **more: Any) -> dict[str, Any]:
    return {"tenant": TENANT, "install": install.id} | more
