"""Support sessions: what the publisher of an app sees of a tenant's runs in one, and that it sees nothing without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from interlock.aws.tables.support_sessions import SupportSessions
from interlock.contract.core import limits
from interlock.contract.core.base import now
from interlock.contract.registry import Membership, Role
from interlock.contract.support import SupportSession
from tests.support.api import Call, caller
from tests.support.cloud import AT, TENANT, Cloud
from tests.support.installs import REQUEST
from tests.support.records import a_run, put, record

TENANTS = f"/v1/tenants/{TENANT}"
RUN = f"{TENANTS}/runs/r1"
READS = (
    "",
    "/forks",
    "/definition",
    "/steps",
    "/outlines",
    "/pauses",
    "/breakpoints",
    "/bundle",
    "/debug?state=one",
    f"/bodies?key=runs/{TENANT}/r1/{'a' * 64}.json",
)
CHANGES: dict[str, dict[str, Any]] = {
    "/stop": {},
    "/forks": {},
    "/breakpoints": {},
    "/pauses/p": {"action": "go"},
    "/secrets": {"names": ["key"]},
}


@pytest.fixture
def send(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The API with a run of acme/app that is over, one of another app, and members of two publishers."""
    call = caller(cloud, monkeypatch)
    install = cloud.install(REQUEST)
    run = a_run(install.id, 1, status="succeeded", ended=AT)
    cloud.runs.create(run)
    put(cloud, record(run, input={"value": {"ssn": "078-05-1120"}}))
    cloud.runs.create(a_run(install.id, 2, app="globex/other", status="succeeded"))
    people = {"dev": "publisher/acme", "rival": "publisher/globex", "guest": "tenant/globex"}
    for principal, scope in people.items():
        cloud.registry.join(Membership(principal=principal, scope=scope, role=Role.ADMIN))
    cloud.registry.join(Membership(principal="reader", scope=f"tenant/{TENANT}", role=Role.MEMBER))
    return call


def opened(send: Call, **fields: Any) -> dict[str, Any]:
    answer = send("POST", f"{TENANTS}/support", {"app": "acme/app"} | fields)
    assert answer["status"] == 201, answer
    return answer["body"]


def statuses(send: Call, principal: str) -> set[int]:
    return {send("GET", f"{RUN}{path}", principal=principal)["status"] for path in READS}


def test_publisher_reads_runs_within_a_session_alone(send: Call) -> None:
    assert statuses(send, "dev") == {403}
    opened(send)
    as_publisher, as_tenant = (
        {
            path: (answer["status"], answer["body"])
            for path in READS[:-3]
            for answer in [send("GET", f"{RUN}{path}", principal=who)]
        }
        for who in ("dev", "me")
    )
    assert as_publisher == as_tenant
    assert "078-05-1120" in str(as_publisher["/steps"])
    assert 403 not in statuses(send, "dev")
    send("DELETE", f"{TENANTS}/support/acme/app")
    assert statuses(send, "dev") == {403}


@pytest.mark.parametrize("principal", ["rival", "guest", "stranger"])
def test_session_is_for_the_apps_publisher_alone(send: Call, principal: str) -> None:
    opened(send)
    assert statuses(send, principal) == {403}


def test_session_is_for_the_runs_of_one_app(send: Call) -> None:
    opened(send)
    runs = f"{TENANTS}/runs"
    answers = [
        send("GET", path, principal="dev")["status"]
        for path in (f"{runs}/r2", f"{runs}/absent", runs, f"{runs}?app=globex/other", f"{runs}?app=acme/other")
    ]
    assert answers == [403] * 5
    page = send("GET", f"{runs}?app=acme/app", principal="dev")["body"]
    assert [row["id"] for row in page["runs"]] == ["r1"]
    for query in ("app=acme/app,globex/other", "app=acme/app&app=globex/other", "app=globex/other&app=acme/app"):
        rows = send("GET", f"{runs}?{query}", principal="dev")["body"].get("runs", [])
        assert all(row["app"] == "acme/app" for row in rows), query


def test_session_lets_no_publisher_change_anything(send: Call) -> None:
    opened(send)
    answers = {path: send("POST", f"{RUN}{path}", body, principal="dev")["status"] for path, body in CHANGES.items()}
    assert set(answers.values()) == {403}
    for path in ("assets", "installs", "failures", "events", "audit", "support"):
        assert send("GET", f"{TENANTS}/{path}", principal="dev")["status"] == 403, path


def test_session_ends_by_itself(cloud: Cloud, send: Call) -> None:
    session = SupportSession.model_validate(opened(send))
    past = session.model_copy(update={"until": now(timedelta(seconds=-1))})
    SupportSessions(cloud.registry.table.name).write(past)
    assert statuses(send, "dev") == {403}
    assert send("GET", f"{TENANTS}/support")["body"]["sessions"] == []
    assert send("GET", "/v1/publishers/acme/support", principal="dev")["body"]["sessions"] == []
    assert send("DELETE", f"{TENANTS}/support/acme/app")["body"]["code"] == "no-support-session"


def test_session_ends_with_the_install(cloud: Cloud, send: Call) -> None:
    opened(send)
    (install,) = cloud.registry.installs(TENANT)
    send("DELETE", f"{TENANTS}/installs/{install.id}")
    cloud.run_workflow("uninstall", {"tenant": TENANT, "install": install.id, "part": "remove"})
    assert statuses(send, "dev") == {403}


def test_sessions_are_shown_to_both_sides(send: Call) -> None:
    session = opened(send, minutes=5, reason="ticket 4711")
    for path, principal in ((f"{TENANTS}/support", "reader"), ("/v1/publishers/acme/support", "dev")):
        assert send("GET", path, principal=principal)["body"]["sessions"] == [session]
    assert send("GET", "/v1/publishers/globex/support", principal="rival")["body"]["sessions"] == []
    assert send("GET", "/v1/publishers/acme/support", principal="rival")["status"] == 403


@pytest.mark.parametrize("principal", ["reader", "dev", "guest"])
def test_only_an_admin_opens_a_session(send: Call, principal: str) -> None:
    assert send("POST", f"{TENANTS}/support", {"app": "acme/app"}, principal=principal)["status"] == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"app": "acme/app", "minutes": limits.MAX_SUPPORT_MINUTES + 1}, 400),
        ({"app": "acme/app", "minutes": 0}, 400),
        ({"app": "acme/app", "hours": 2}, 400),
        ({"app": "app"}, 400),
        ({"app": "globex/other"}, 404),
    ],
)
def test_wrong_session_is_refused(send: Call, body: dict[str, Any], status: int) -> None:
    assert send("POST", f"{TENANTS}/support", body)["status"] == status


def test_each_read_is_in_the_tenants_audit_log(send: Call) -> None:
    opened(send)
    send("GET", f"{RUN}/steps", principal="dev")
    send("GET", RUN, principal="reader")
    changes = send("GET", f"{TENANTS}/audit")["body"]["changes"]
    reads = [(row["principal"], row["path"], row["outcome"]) for row in changes if row["method"] == "GET"]
    assert reads == [("dev", f"{RUN}/steps", "done")]
    assert [row["action"] for row in changes if row["method"] == "POST"] == ["setSupport"]
