"""A trace as a waterfall: order of time, nesting, and documents that lack what they should have."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.debugger.waterfall import waterfall


def segment(name: str, start: float, end: float | None = None, parent: str = "", **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"id": name, "name": name, "start_time": start} | more
    row |= {"end_time": end} if end is not None else {}
    return row | ({"parent_id": parent} if parent else {})


def test_rows_are_in_the_order_of_time_below_what_caused_them() -> None:
    inner = {"id": "call", "name": "call", "start_time": 10.25, "end_time": 10.5}
    trace = [segment("step", 10.2, 10.6, "gate", subsegments=[inner]), segment("gate", 10.0, 11.0), segment("b", 12.0)]
    rows = waterfall(trace)
    assert [(row.name, row.depth) for row in rows] == [("gate", 0), ("step", 1), ("call", 2), ("b", 0)]
    assert [(row.start_ms, row.duration_ms) for row in rows] == [(0, 1000), (200, 400), (250, 250), (2000, 0)]


def test_a_failed_segment_says_its_error_and_where() -> None:
    stack = [{"path": "steps.py", "line": 7, "label": "load"}, {"path": "x.py", "line": 1, "label": "y"}]
    failed = segment("a", 1.0, 2.0, cause={"exceptions": [{"type": "ValueError", "stack": stack}]})
    (row,) = waterfall([failed])
    assert (row.error, row.frame) == ("ValueError", "steps.py:7 in load")


def test_annotations_say_the_error_where_there_is_no_exception() -> None:
    (row,) = waterfall(
        [segment("a", 1.0, annotations={"error": "Interlock.Paused", "state": "A", "frame": "f:1 in g"})]
    )
    assert (row.error, row.state, row.frame) == ("Interlock.Paused", "A", "f:1 in g")
    (bare,) = waterfall([segment("b", 1.0, cause="a reference")])
    assert (bare.error, bare.frame) == ("", "")


def test_an_empty_trace_has_no_rows() -> None:
    assert waterfall([]) == []


NAMES = st.sampled_from("abcdef")
DOCUMENTS = st.lists(
    st.builds(segment, NAMES, st.floats(0, 9), st.none() | st.floats(0, 9), st.sampled_from(["", *"abcxyz"])),
    max_size=6,
    unique_by=lambda row: str(row["id"]),
)


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_no_segment_of_a_trace_without_circles_is_lost(documents: list[dict[str, Any]]) -> None:
    parents = {row["id"]: row.get("parent_id", "") for row in documents}

    def ends(name: str) -> bool:
        seen: set[str] = set()
        while name in parents:
            if name in seen:
                return False
            seen.add(name)
            name = parents[name]
        return True

    rows = waterfall(documents)
    assert sorted(row.name for row in rows) == sorted(name for name in parents if ends(name))
