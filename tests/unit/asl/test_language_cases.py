"""The evaluator answers as AWS does."""

from typing import Any

import pytest

from interlock.asl.clock import MovedClock
from interlock.asl.execution import Settings, TaskCall
from interlock.asl.interpreter import run
from interlock.asl.values import equal
from tests.support.language_cases import CASES, Error


def echo(call: TaskCall) -> Any:
    return call.input


@pytest.mark.parametrize("name", CASES)
def test_evaluator_answers_as_aws(name: str) -> None:
    case = CASES[name]
    ended = run(case.definition, case.input, Settings(task=echo, clock=MovedClock()))
    if isinstance(case.answer, Error):
        assert (ended.status, ended.error) == ("FAILED", case.answer.name)
    else:
        assert ended.succeeded and equal(ended.output, case.answer), ended
