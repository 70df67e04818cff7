"""Queries over runs: what a text means, what it is refused for, and what the groups count."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.aws.tables.bodies import Bodies
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest
from interlock.contract.run import Failed, Run
from interlock.contract.run_summary import RunSummary
from interlock.contract.search import RunFilter
from interlock.control.inspection import summary
from interlock.control.inspection.summary import Grouping, read_query, summarize_runs
from tests.integration.inspection.test_search import run
from tests.support.cloud import TENANT, Cloud


@pytest.fixture
def rows(cloud: Cloud) -> list[Run]:
    """Six runs of two apps, of which three failed and one goes on."""
    timeout = {"status": "failed", "failed": Failed(error="States.Timeout", state="Load")}
    large = Bodies(cloud.bucket, TENANT, "r6").keep({"city": "Rome", "x": "x" * limits.INLINE_BODY_BYTES})
    subject = [
        run(1, tags=("nightly", "eu"), usage={"steps": 3}),
        run(2, **timeout, ended="2026-01-01T00:00:12.000Z", input={"value": {"city": "Rome"}}),
        run(3, **timeout, app="acme/other", started="2026-01-02T23:30:00.000Z", ended="2026-01-02T23:30:07.000Z"),
        run(4, app="acme/other", usage={"steps": 4}),
        run(5, status="running", ended=None),
        run(6, **timeout, input=large, ended="2026-01-01T00:00:36.000Z"),
    ]
    for one in subject:
        cloud.runs.create(one)
    return subject


def summed(cloud: Cloud, query: str = "", *by: str, zone: str = "UTC") -> RunSummary:
    return summarize_runs(cloud.runs, cloud.bucket, TENANT, read_query(query), Grouping(by, zone))


def counts(result: RunSummary) -> dict[tuple[str, ...], int]:
    return {group.keys: group.runs for group in result.groups}


@pytest.mark.parametrize(
    ("query", "by", "expected"),
    [
        ("", ("status",), {("failed",): 3, ("succeeded",): 2, ("running",): 1}),
        ("", ("app", "status"), {
            ("acme/app", "failed"): 2, ("acme/app", "succeeded"): 1, ("acme/app", "running"): 1,
            ("acme/other", "failed"): 1, ("acme/other", "succeeded"): 1,
        }),
        ("status:failed", ("error", "state"), {("States.Timeout", "Load"): 3}),
        ("app:acme/app", ("tag",), {("",): 3, ("nightly",): 1, ("eu",): 1}),
        ("", ("day",), {("2026-01-01",): 5, ("2026-01-02",): 1}),
        ("status:failed", ("input.city",), {("Rome",): 2, ("",): 1}),
        ("input.city:Rome", ("status",), {("failed",): 2}),
        ("input.customer.id:c4", ("app",), {("acme/other",): 1}),
        ("since:2026-01-02T00:00:00Z", ("workflow",), {("main",): 1}),
        ("status:aborted", ("app",), {}),
    ],
)  # fmt: skip
def test_groups_count_the_runs_that_pass(
    cloud: Cloud, rows: list[Run], query: str, by: tuple[str, ...], expected: dict[tuple[str, ...], int]
) -> None:
    assert rows
    result = summed(cloud, query, *by)
    assert (counts(result), result.whole) == (expected, True)


def test_a_group_of_a_value_is_found_again_by_its_name(cloud: Cloud) -> None:
    values: list[Json] = [
        True,
        "true",
        False,
        None,
        1,
        1.0,
        "1",
        1.5,
        "Rome",
        {"b": [True], "a": None},
        [],
        "a b",
        "NaN",
    ]
    for number, value in enumerate(values):
        cloud.runs.create(run(number, input={"value": {"v": value}}))
    groups = counts(summed(cloud, "", "input.v"))
    assert groups == {
        ("true",): 2, ("false",): 1, ("null",): 1, ("1",): 3, ("1.5",): 1, ("Rome",): 1,
        ('{"a":null,"b":[true]}',): 1, ("[]",): 1, ("a b",): 1, ("NaN",): 1,
    }  # fmt: skip
    for (name,), runs in groups.items():
        assert counts(summed(cloud, shlex.quote(f"input.v:{name}"), "app")) == {("acme/app",): runs}, name


def test_days_and_hours_are_of_the_zone(cloud: Cloud, rows: list[Run]) -> None:
    assert rows
    result = summed(cloud, "app:acme/other", "hour", zone="Europe/Berlin")
    assert [group.keys[0] for group in result.groups] == ["2026-01-01T01:00+0100", "2026-01-03T00:00+0100"]


def test_measures_are_of_runs_that_are_over(cloud: Cloud, rows: list[Run]) -> None:
    assert rows
    total = summed(cloud).total
    assert (total.runs, total.failed, total.open, total.steps) == (6, 3, 1, 7)
    assert (total.p50_s, total.p95_s, total.longest_s) == (30.0, 60.0, 60.0)


def test_a_summary_says_how_far_back_it_looked(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, rows: list[Run]) -> None:
    monkeypatch.setattr(summary, "MAX_READ", 2)
    monkeypatch.setattr(summary, "MAX_GROUPS", 1)
    result = summed(cloud, "", "status")
    assert (result.read, result.whole, result.back_to) == (2, False, rows[5].started)
    monkeypatch.setattr(summary, "MAX_READ", 5_000)
    result = summed(cloud, "", "status")
    assert (counts(result), result.more_groups, result.total.runs) == ({("failed",): 3}, 2, 6)


@pytest.mark.parametrize(
    ("text", "code", "step"),
    [
        ("stats:failed", "unknown-filter", "Did you mean status?"),
        ("failed", "unknown-filter", "Write NAME:VALUE"),
        ("status:", "unknown-filter", "Write NAME:VALUE"),
        ("input.:3", "unknown-filter", "input.PATH"),
        ("status:gone", "bad-request", "Choose one of"),
        ("since:soon", "bad-request", "2026-01-31"),
        ("app:a/b app:c/d", "bad-request", "once"),
        ('app:"a/b', "bad-request", "quote"),
        ("x" * 2_000, "bad-request", "Leave some"),
    ],
)
def test_a_query_that_means_nothing_is_refused(text: str, code: str, step: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_query(text)
    assert (refused.value.code, step in refused.value.next_step) == (code, True)


@pytest.mark.parametrize(
    ("by", "zone", "where"),
    [
        (("colour",), "UTC", "by"),
        (("input.",), "UTC", "by"),
        (("app", "day", "state", "tag"), "UTC", "by"),
        (("day",), "Mars/Base", "zone"),
        (("day",), "../../etc/passwd", "zone"),
        (("day",), "x" * 9_000, "zone"),
    ],
)
def test_fields_and_zones_that_do_not_exist_are_refused(
    cloud: Cloud, by: tuple[str, ...], zone: str, where: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        summed(cloud, "", *by, zone=zone)
    assert refused.value.where == where


def test_a_value_with_spaces_stands_in_quotes() -> None:
    fields: dict[str, Any] = read_query('error:"My Error" longer:90s input.note:"two words"').model_dump()
    assert (fields["error"], fields["longer_s"], fields["field"], fields["value"]) == (
        "My Error", 90.0, "note", "two words",
    )  # fmt: skip


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_refusal(text: str) -> None:
    try:
        assert isinstance(read_query(text), RunFilter)
    except BadRequest as refused:
        assert refused.next_step
