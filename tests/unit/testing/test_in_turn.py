"""A URL may answer one thing after another in a test of a step."""

from interlock import Context, step
from interlock.testing import MemoryBackend, in_turn, run_step

URL = "https://api.example.com/x"


@step
def poll(calls: int, ctx: Context) -> list[int]:
    return [ctx.http.get(URL).status for _ in range(calls)]


def test_answers_come_in_turn_and_the_last_again() -> None:
    assert run_step(poll, 4, http={URL: in_turn(503, [1], {"id": 7})}).output == [503, 200, 200, 200]
    assert run_step(poll, 2, http={URL: in_turn(404)}).output == [404, 404]


def test_attempts_of_one_backend_go_on_and_another_begins_anew() -> None:
    answers = in_turn(503, 502, 200)
    shared = MemoryBackend(http={URL: answers})
    assert [run_step(poll, 1, backend=shared).output for _ in range(4)] == [[503], [502], [200], [200]]
    assert run_step(poll, 1, http={URL: answers}).output == [503]
