"""Failures become problem+json and come back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.contract import ticket
from interlock.contract.core import failure
from interlock.contract.core.failure import Failure, Forbidden, GateError, GateFailure, Rejected, from_problem
from interlock.contract.core.finding import Finding, Severity, errors_of
from interlock.contract.ticket import Ticket

TEXT = st.text(min_size=1, max_size=30)
KINDS = sorted({*failure.BY_STATUS.values(), Failure}, key=lambda kind: kind.__name__)


@given(st.sampled_from(KINDS), TEXT, TEXT, TEXT, st.from_regex(r"[a-z-]{1,20}", fullmatch=True))
def test_a_problem_is_the_failure_again(kind: type[Failure], what: str, where: str, after: str, code: str) -> None:
    first = kind(what, where=where, next_step=after, code=code)
    again = from_problem(first.problem())
    assert type(again) is kind
    assert (again.what, again.where, again.next_step, again.code) == (what, where, after, code)
    assert again.problem() == first.problem()


def test_findings_come_back() -> None:
    rows = (
        Finding(code="asl.loop", where="w#A", what="w", fix="f"),
        Finding(code="asl.volatile", where="w#B", what="w", fix="f", severity=Severity.WARNING),
    )
    again = from_problem(Rejected("no", rows, where="bundle").problem())
    assert isinstance(again, Rejected)
    assert again.findings == rows
    assert errors_of(again.findings) == rows[:1]


@pytest.mark.parametrize("problem", [{}, {"message": "Unauthorized"}, {"status": 418, "title": "Teapot"}])
def test_an_answer_that_is_no_problem_is_a_failure(problem: dict[str, object]) -> None:
    assert from_problem(problem).what


def test_a_problem_of_no_step_has_a_status_of_http() -> None:
    for error in GateError:
        assert GateFailure(error, "what").problem().get("status") == 500
        assert GateFailure(error, "what").name == error.value


GOOD = Ticket(
    tenant="acme", install="i", app="a1/b1", run="r", visit="v", attempt=0, granted=("x",), hops=1, expires=100
)


def test_a_ticket_says_what_the_gate_signed() -> None:
    text = ticket.sign(GOOD, b"secret")
    assert ticket.check(text, [b"secret"], 100) == GOOD
    assert GOOD.cause().run == "r"


@given(st.data())
def test_no_other_ticket_is_taken(data: st.DataObject) -> None:
    text = ticket.sign(GOOD, b"secret")
    at = data.draw(st.integers(0, len(text) - 1))
    other = text[:at] + data.draw(st.characters().filter(lambda char: char != text[at])) + text[at + 1 :]
    for forged in (other, text[:at], data.draw(st.text())):
        with pytest.raises(Forbidden):
            ticket.check(forged, [b"old", b"secret"], 100)
    with pytest.raises(Forbidden):
        ticket.check(text, [b"other"], 100)
    with pytest.raises(Forbidden):
        ticket.check(text, [b"secret"], 101)
