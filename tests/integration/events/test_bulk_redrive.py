"""Dead letters are counted, then put back page by page, each once."""

from __future__ import annotations

import pytest

from interlock.aws.tables.dead_letters import DeadLetters
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest
from interlock.contract.dead_letter import BulkRedriven, BulkRedriveRequest, DeadLetter, DeadState
from interlock.contract.run import Body, RunStatus
from interlock.contract.start_message import StartMessage
from interlock.control.events import bulk_redrive
from interlock.control.events.bulk_redrive import redrive_page
from interlock.control.events.dead_letters import DeadLetterContext
from tests.support.cloud import TENANT, Cloud
from tests.support.records import a_run, received

LETTERS = 7


@pytest.fixture
def desk(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> DeadLetterContext:
    """Seven letters in pages of three: one can't be read, one has a run, one has another cause."""
    monkeypatch.setattr(bulk_redrive, "REDRIVE_PAGE", 3)
    for number in range(LETTERS):
        letter(cloud, number)
    letter(cloud, 1, message={"nonsense": 1})
    letter(cloud, 2, code="event.other")
    cloud.runs.create(a_run("i", 4, status=RunStatus.SUCCEEDED))
    return DeadLetterContext(runs=cloud.runs, bucket=cloud.bucket, queue=cloud.queue)


def letter(cloud: Cloud, number: int, message: Json = None, code: str = "event.refused") -> None:
    letters = DeadLetters(cloud.runs.table.name)
    at = f"2026-01-01T00:00:{number:02}.000Z"
    start = StartMessage(tenant=TENANT, install="i", workflow="main", trigger="t", kind="api", id=f"k{number}")
    value = message or start.model_dump(mode="json")
    row = DeadLetter(
        id=f"r{number}", tenant=TENANT, install="i" if number else "j", code=code, what="no", first=at, last=at,
        message=Body(value=value),
    )  # fmt: skip
    letters.merge(row, lambda _: row)


def all_letters(cloud: Cloud, state: DeadState = DeadState.DEAD) -> list[DeadLetter]:
    page = DeadLetters(cloud.runs.table.name).page(TENANT, state, limit=100, cursor=None)
    return [row.read(DeadLetter) for row in page.rows]


def pages(desk: DeadLetterContext, **fields: str | bool) -> list[BulkRedriven]:
    answers: list[BulkRedriven] = []
    cursor: str | None = None
    while True:
        request = BulkRedriveRequest.model_validate(fields | {"cursor": cursor})
        answers.append(redrive_page(desk, TENANT, request, "me"))
        cursor = answers[-1].cursor
        if cursor is None:
            return answers


def test_letters_are_counted_and_nothing_is_sent(cloud: Cloud, desk: DeadLetterContext) -> None:
    assert [page.matched for page in pages(desk, count_only=True)] == [LETTERS]
    assert [page.matched for page in pages(desk, count_only=True, code="event.other")] == [1]
    assert [page.matched for page in pages(desk, count_only=True, install="j")] == [1]
    assert (received(cloud.queue), len(all_letters(cloud))) == ([], LETTERS)


def test_each_letter_is_put_back_once(cloud: Cloud, desk: DeadLetterContext) -> None:
    answers = pages(desk, code="event.refused")
    assert len(answers) >= 3
    assert (sum(page.matched for page in answers), sum(page.sent for page in answers)) == (LETTERS - 1, LETTERS - 3)
    assert sum(page.started for page in answers) == 1
    assert [(row.id, row.code) for page in answers for row in page.refused] == [("r1", "dead-letter-gone")]
    sent = [StartMessage.model_validate_json(body).id for body in received(cloud.queue)]
    assert sorted(sent) == ["k0", "k3", "k5", "k6"]
    assert sorted(row.id for row in all_letters(cloud)) == ["r1", "r2"]
    assert {row.by for row in all_letters(cloud, DeadState.REDRIVEN)} == {"me"}


def test_a_letter_that_comes_back_is_not_put_back_again(cloud: Cloud, desk: DeadLetterContext) -> None:
    first = redrive_page(desk, TENANT, BulkRedriveRequest(), "me")
    letter(cloud, 6)
    request = BulkRedriveRequest(cursor=first.cursor)
    later = redrive_page(desk, TENANT, request, "me")
    assert later.matched == 3
    assert "r6" in {row.id for row in all_letters(cloud)}


def test_a_cursor_of_another_list_is_refused(desk: DeadLetterContext) -> None:
    with pytest.raises(BadRequest):
        redrive_page(desk, TENANT, BulkRedriveRequest(cursor="nonsense"), "me")
