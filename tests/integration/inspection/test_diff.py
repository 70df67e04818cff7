"""Two runs compared on the server: outlines first, bodies of what differs, and nothing sensitive in the answer."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.tables.bodies import Bodies
from interlock.contract.core import limits
from interlock.contract.core.failure import NotFound
from interlock.contract.diff import RunDiff
from interlock.contract.envelope import Effect
from interlock.contract.registry import Tenant
from interlock.contract.run import Body, Run, RunStatus
from interlock.control.inspection import diff
from interlock.control.inspection.diff import DiffContext, show_diff
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed, put, record


@pytest.fixture
def runs(cloud: Cloud) -> tuple[Run, Run]:
    listed(cloud)
    install = installed(cloud)
    pair = a_run(install, 1, status=RunStatus.SUCCEEDED), a_run(install, 2, status=RunStatus.SUCCEEDED)
    for run in pair:
        cloud.runs.create(run)
    return pair


def compare(cloud: Cloud, **fields: Any) -> RunDiff:
    return show_diff(DiffContext(cloud.runs, cloud.registry, cloud.bucket), TENANT, "r1", "r2", **fields)


def body(value: Any, digest: str = "") -> Body:
    return Body(value=value, size=5, digest=digest or str(value))


def stored(cloud: Cloud, run: Run, at: int, **fields: Any) -> None:
    put(cloud, record(run, entered=f"2026-01-01T00:{at // 60:02}:{at % 60:02}.000Z", **fields))


def test_bodies_are_read_of_what_differs_and_of_nothing_else(cloud: Cloud, runs: tuple[Run, Run]) -> None:
    large = {"x": "x" * (limits.INLINE_BODY_BYTES + 1), "n": 1}
    for run, number in zip(runs, (1, 2), strict=True):
        stored(cloud, run, 1, state="same", input=body({"a": 1}), output=body({"b": 1}))
        there = Bodies(cloud.bucket, TENANT, run.id).keep(large | {"n": number})
        stored(cloud, run, 2, state="two", input=body({"a": 1}), output=there)
    shown = compare(cloud)
    assert [(row.aspect, row.where, row.field, row.a, row.b) for row in shown.differences] == [
        ("output", "two", "/n", 1, 2)
    ]
    assert (shown.a, shown.b, shown.unread, len(shown.timings)) == ("r1", "r2", 0, 2)
    assert cloud.calls.count("GetObject") == 2


def test_versions_and_inputs_are_compared_unless_left_out(cloud: Cloud, runs: tuple[Run, Run]) -> None:
    cloud.runs.change(TENANT, "r2", lambda run: run.model_copy(update={"version": "2.0.0", "input": body({"q": 1})}))
    assert [(row.where, row.field) for row in compare(cloud).differences] == [("version", ""), ("input", "")]
    assert compare(cloud, whole=False).differences == ()


def test_past_the_room_the_digests_are_compared(
    cloud: Cloud, runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    for run, word in zip(runs, ("a", "b"), strict=True):
        for at in range(4):
            stored(cloud, run, at, state=f"s{at}", input=body({"v": 1}), output=body({"v": word}), digest="d" * 64)
    monkeypatch.setattr(diff, "MAX_READ_VISITS", 2)
    shown = compare(cloud)
    assert [(row.where, row.field) for row in shown.differences] == [
        ("s0", "/v"), ("s1", "/v"), ("s2", "/sha256"), ("s3", "/sha256"),
    ]  # fmt: skip
    assert shown.unread == 2
    monkeypatch.setattr(diff, "MAX_READ_BYTES", 15)
    assert compare(cloud).unread == 3


def test_what_is_sensitive_in_either_run_is_redacted(cloud: Cloud, runs: tuple[Run, Run]) -> None:
    effect = Effect(seq=0, kind="http", op="GET", request={"url": "https://x/?k=078-05-1120"}, result={"status": 500})
    stored(cloud, runs[0], 1, input=body({"ssn": "078-05-1120"}), output=body({"out": "is 078-05-1120"}))
    stored(cloud, runs[1], 1, input=body({"ssn": "219-09-9999"}), output=body({"out": "none"}), effects=(effect,))

    def with_rule(tenant: Tenant) -> Tenant:
        return tenant.model_copy(update={"redact": ("ssn",)})

    cloud.registry.change_tenant(TENANT, with_rule)
    shown = compare(cloud)
    assert {row.aspect for row in shown.differences} == {"output", "effect"}
    assert "078-05-1120" not in shown.model_dump_json()
    assert "219-09-9999" not in shown.model_dump_json()


def test_runs_of_another_tenant_are_not_there(cloud: Cloud, runs: tuple[Run, Run]) -> None:
    cloud.runs.create(a_run(runs[0].install, 3, tenant="globex"))
    with pytest.raises(NotFound):
        show_diff(DiffContext(cloud.runs, cloud.registry, cloud.bucket), TENANT, "r1", "r3")
