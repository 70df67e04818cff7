"""A version's breakpoints: whose runs they stop, what that costs the gate, and whose matches their publisher sees."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.core.failure import GateFailure
from interlock.contract.registry import Membership, Role, Tenant
from interlock.contract.run import Breakpoint
from interlock.contract.support import SupportRequest
from interlock.control.access.support import close_support, open_support, rules_for_tenant, tenants_in_view
from interlock.control.pauses import breakpoints
from tests.support.cloud import AT, TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, single, task
from tests.support.people import caller

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"


def work(value: Any) -> Any:
    """A step that answers its input."""
    return value


@pytest.fixture
def app(here: GateHere) -> App:
    """An app with a breakpoint of its publisher on each step."""
    app = here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})
    arm(here, app, id="b", once=False)
    return app


def arm(here: GateHere, app: App, **fields: Any) -> None:
    rule = Breakpoint.model_validate({"id": names.ulid(), "armed_by": "dev", "armed_at": AT} | fields)
    breakpoints.arm_version(here.cloud.registry, app.id, "1.0.0", rule)


def stops(here: GateHere, app: App, value: Any = 1) -> bool:
    """Whether a new run stops at its first step."""
    run = here.start(app, "main")
    try:
        here.attempt(run, "Only", value, step="work")
    except GateFailure as failure:
        assert failure.name == "Interlock.Paused"
        return True
    return False


def test_version_breakpoint_stops_within_a_session_alone(here: GateHere, app: App) -> None:
    assert not stops(here, app)
    open_support(here.cloud.registry, TENANT, SupportRequest(app=app.id), "me")
    assert stops(here, app)
    close_support(here.cloud.registry, TENANT, app.id)
    assert not stops(here, app)


def test_session_for_another_app_stops_no_run(here: GateHere, app: App) -> None:
    other = here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})
    open_support(here.cloud.registry, TENANT, SupportRequest(app=other.id), "me")
    assert not stops(here, app)


@pytest.mark.parametrize(
    ("scope", "role", "stopped"),
    [
        (f"tenant/{TENANT}", Role.ADMIN, True),
        (f"tenant/{TENANT}", Role.MEMBER, False),
        ("tenant/globex", Role.ADMIN, False),
        ("platform", Role.OPERATOR, False),
    ],
)
def test_armer_stops_the_runs_of_their_own_tenant(
    here: GateHere, app: App, scope: str, role: Role, stopped: bool
) -> None:
    member = Membership(principal="dev", scope=scope, role=role)
    here.cloud.registry.join(member)
    assert stops(here, app) is stopped
    here.cloud.registry.remove_membership(member)
    assert not stops(here, app)


def test_sandbox_runs_are_stopped_without_a_session(here: GateHere, app: App) -> None:
    rules = here.cloud.registry.version(app.id, "1.0.0").item.breakpoints
    assert rules_for_tenant(here.cloud.registry, names.SANDBOX, app.id, rules) == rules
    assert rules_for_tenant(here.cloud.registry, TENANT, app.id, rules) == ()


@pytest.mark.parametrize("fields", [{"state": "Other"}, {"at": "error"}, {"until": AT}, None])
def test_no_call_is_added_where_no_breakpoint_names_the_visit(here: GateHere, fields: dict[str, Any] | None) -> None:
    app = here.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}), {"work": work})
    if fields:
        arm(here, app, **fields)
    stops(here, app)
    run = here.start(app, "main")
    here.cloud.calls.clear()
    here.attempt(run, "Only", 1, step="work")
    assert [name for name in here.cloud.calls if name in ("BatchGetItem", "GetItem", "Query")] == ["BatchGetItem"]


def test_run_goes_on_where_the_session_cannot_be_read(here: GateHere, app: App) -> None:
    open_support(here.cloud.registry, TENANT, SupportRequest(app=app.id), "me")
    reads = 0

    def refuse_the_second(**_: Any) -> None:
        nonlocal reads
        reads += 1
        if reads > 1:
            raise EndpointConnectionError(endpoint_url="https://dynamodb")

    events = client("dynamodb").meta.events
    run = here.start(app, "main")
    events.register("before-call.dynamodb.BatchGetItem", refuse_the_second)
    try:
        assert here.attempt(run, "Only", 1, step="work") == 1
    finally:
        events.unregister("before-call.dynamodb.BatchGetItem", refuse_the_second)
    assert reads >= 2


def test_publisher_sees_the_matches_of_open_sessions_alone(here: GateHere, app: App) -> None:
    registry, runs = here.cloud.registry, here.cloud.runs
    registry.create_tenant(Tenant(id="globex", created=AT, status="active"))
    arm(here, app, id="counted", hits=100, condition="input > 1")
    (rule,) = (row for row in registry.version(app.id, "1.0.0").item.breakpoints if row.id == "counted")
    for tenant in (TENANT, "globex"):
        stop = breakpoints.Stop(tenant, "before", "Only")
        breakpoints.hit(runs, (rule,), stop, lambda: {"input": 5, "output": None, "error": None})

    def seen(*scopes: str) -> int:
        view = tenants_in_view(registry, caller("publisher/acme", *scopes), app.id).ids
        return breakpoints.look(runs, (rule,), view, of_version=True)[0].hits

    assert seen() == 0
    open_support(registry, TENANT, SupportRequest(app=app.id), "me")
    assert (seen(), seen("tenant/globex")) == (1, 2)
    close_support(registry, TENANT, app.id)
    assert (seen(), seen("tenant/globex")) == (0, 1)


def test_breakpoint_that_stops_once_does_so_in_each_tenant(here: GateHere, app: App) -> None:
    rule = Breakpoint(id="once", armed_at=AT)
    stop_in = [
        breakpoints.hit(here.cloud.runs, (rule,), breakpoints.Stop(tenant, "before", "Only"), dict) is not None
        for tenant in (TENANT, TENANT, "globex")
    ]
    assert stop_in == [True, False, True]
