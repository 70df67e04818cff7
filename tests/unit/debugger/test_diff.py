"""How two runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interlock.contract.envelope import Effect, StepError
from interlock.contract.payload import digest
from interlock.contract.run import Body, Failed, Fork, Outline, RecordStatus, RunStatus, StepRecord
from interlock.debugger.diff import diff_runs, diff_values
from tests.support.runs import NOW, body, run


def record(name: str, state: str, at: int, value: Any, output: Any = None, **more: Any) -> StepRecord:
    fields: dict[str, Any] = {"run": name, "execution": f"acme_i_{name}", "state": state, "step": state.lower()}
    fields |= {"entered": f"2026-01-01T00:00:{at:02d}.000Z", "digest": digest(value), "input": body(value)}
    fields |= {"status": RecordStatus.SUCCEEDED, "started": NOW, "output": body(output)}
    return StepRecord.model_validate(fields | more)


def test_the_same() -> None:
    steps = [[record(name, "A", 1, {"n": 1}, {"m": 2}, index=3)] for name in ("a", "b")]
    result = diff_runs(run("a"), steps[0], run("b"), steps[1])
    assert (result.differences, [row.where for row in result.timings]) == ((), ["A[3]"])


def test_a_dry_run_is_marked() -> None:
    dry = run("b", fork=Fork(parent="a", root="a", dry=True))
    marks = diff_runs(run("a"), [], dry, [])
    assert (marks.a_dry, marks.b_dry) == (False, True)


def test_a_field_a_path_an_effect_and_an_error() -> None:
    effect = Effect(seq=0, kind="http", op="POST", request={"url": "u"}, result={"status": 200})
    first = [
        record("a", "A", 1, {"n": 1}, {"total": {"net": 1, "gross": 2}}, effects=(effect,)),
        record("a", "B", 2, {"n": 1}, 1),
        record("a", "C", 3, {"n": 1}, None, error=StepError(name="E", type="E", message="m")),
    ]
    second = [
        record("b", "A", 1, {"n": 1}, {"total": {"net": 1, "gross": 3}}, effects=()),
        record("b", "D", 2, {"n": 1}, 1),
        record("b", "C", 3, {"n": 1}, 5),
    ]
    failed = {"status": RunStatus.FAILED, "failed": Failed(error="E")}
    result = diff_runs(run("a", **failed), first, run("b", version="2.0.0"), second)
    assert [(row.aspect, row.where, row.field) for row in result.differences] == [
        ("run", "version", ""),
        ("run", "status", ""),
        ("run", "error", ""),
        ("output", "A", "/total/gross"),
        ("effect", "A http.POST", ""),
        ("path", "B", ""),
        ("path", "D", ""),
        ("error", "C", ""),
        ("output", "C", ""),
    ]
    assert result.first is not None and result.first.where == "A"
    narrow = diff_runs(run("a", **failed), first, run("b", version="2.0.0"), second, whole=False)
    assert [row.where for row in narrow.differences[:2]] == ["status", "error"]


def test_calls_with_another_request_are_paired_by_what_they_call() -> None:
    def put(key: str, value: int) -> Effect:
        return Effect(seq=0, kind="state", op="put", request={"key": key, "value": value})

    first = [record("a", "A", 1, {}, effects=(put("x", 1), put("y", 1)))]
    second = [record("b", "A", 1, {}, effects=(put("y", 1), put("x", 2), put("z", 3)))]
    rows = diff_runs(run("a"), first, run("b"), second).differences
    assert [(row.where, row.field, row.b) for row in rows] == [
        ("A state.put", "/request/value", 2),
        ("A state.put", "", {"key": "z", "value": 3}),
    ]


def test_items_are_paired_by_their_input() -> None:
    first = [record("a", "A", 1, {"n": n}, n, index=0) for n in (1, 2, 3)]
    second = [record("b", "A", 1, {"n": n}, n, index=0) for n in (3, 1, 2)]
    assert diff_runs(run("a"), first, run("b"), second).differences == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_no_difference_means_equal(a: Any, b: Any) -> None:
    rows = list(diff_values(a, b))
    assert (rows == []) == (digest(a) == digest(b))
    assert all(pointer == "" or pointer.startswith("/") for pointer, _, _ in rows)


def outline(whole: StepRecord) -> Outline:
    """What the platform answers of a record where only differences are wanted."""
    events = digest([effect.model_dump(exclude={"duration_ms"}) for effect in whole.effects])
    bodies = {word: result and Body(digest=result.digest) for word, result in whole if word in ("input", "output")}
    fields = dict(whole) | bodies | {"effects": (), "effects_digest": events, "key": whole.entered}
    return Outline.model_validate(fields)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.lists(st.sampled_from("abc"), max_size=6))
def test_outlines_differ_where_records_differ_and_nowhere_else(a: list[str], b: list[str]) -> None:
    one, other = (
        [record(name, "A", at, {"n": word}, {"m": word, "at": at}) for at, word in enumerate(fields)]
        for name, fields in (("a", a), ("b", b))
    )
    request: list[str] = []

    def fill(wanted: Sequence[StepRecord]) -> list[StepRecord]:
        request.extend(row.entered for row in wanted)
        return [
            row for result in wanted for row in (*one, *other) if (row.run, row.entered) == (result.run, result.entered)
        ]

    whole = diff_runs(run("a"), one, run("b"), other)
    events = diff_runs(
        run("a"), [outline(row) for row in one], run("b"), [outline(row) for row in other], fill=(fill, fill)
    )
    assert events == whole
    assert bool(request) == any(row.aspect in ("input", "output") for row in whole.differences)
