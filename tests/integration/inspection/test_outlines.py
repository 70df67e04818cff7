"""Pages of outlines: what is stored with each record, in order, and where a page ends."""

from __future__ import annotations

import pytest

from interlock.contract.core.failure import NotFound
from interlock.contract.envelope import Effect, StepError
from interlock.contract.run import OutlinePage, RecordStatus
from interlock.control.inspection import outlines
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import a_run, installed, put, record


def page(cloud: Cloud, run: str, cursor: str | None = None) -> OutlinePage:
    return OutlinePage.model_validate_json(outlines.list_outlines(cloud.runs, TENANT, run, cursor))


def test_outlines_are_read_without_the_records(cloud: Cloud) -> None:
    listed(cloud)
    run = a_run(installed(cloud))
    cloud.runs.create(run)
    effect = Effect(seq=0, kind="http", op="GET", request={"url": "https://x"}, result={"status": 500})
    error = StepError(name="Boom", type="Boom", message='it "broke"\n')
    keys = [
        put(cloud, record(run, state='say "hi"', entered="2026-01-01T00:00:01.000Z", effects=(effect,))).sk,
        put(cloud, record(run, state="two", entered="2026-01-01T00:00:02.000Z", error=error, attempt=3)).sk,
        put(cloud, record(run, state="two", entered="2026-01-01T00:00:03.000Z", status=RecordStatus.STARTED)).sk,
    ]
    rows = page(cloud, run.id).steps
    assert [row.key for row in rows] == keys
    assert [row.state for row in rows] == ['say "hi"', "two", "two"]
    assert rows[1].error is not None
    assert (rows[1].error.name, rows[1].error.message, rows[1].attempt) == ("Boom", 'it "broke"\n', 3)
    assert rows[2].status is RecordStatus.STARTED
    assert rows[0].effects == ()
    assert len({row.effects_digest for row in rows}) == 2


def test_a_page_ends_with_a_cursor_that_begins_the_next(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlines, "ENOUGH", 2)
    listed(cloud)
    run = a_run(installed(cloud))
    cloud.runs.create(run)
    keys = [put(cloud, record(run, entered=f"2026-01-01T00:00:0{number}.000Z")).sk for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        rows = page(cloud, run.id, cursor)
        seen += [row.key for row in rows.steps]
        cursor = rows.cursor
        if cursor is None:
            break
    assert seen == keys


def test_outlines_of_a_run_that_is_not_there_are_refused(cloud: Cloud) -> None:
    with pytest.raises(NotFound):
        outlines.list_outlines(cloud.runs, TENANT, "nothing")
