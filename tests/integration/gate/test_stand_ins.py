"""What URLs answer in a golden test goes on over the attempts of a state."""

from __future__ import annotations

import pytest

from interlock.aws.tables.table import Stored
from interlock.contract.core.failure import StepFailure
from interlock.contract.run import Run
from interlock.contract.stand_in import HttpStandIn, StandIns
from interlock.sdk.context import Context
from tests.support.cloud import TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, single, task

URL = "https://api.example.com/x"
CODE = "from interlock import step\n\n\n@step\ndef work(value, ctx):\n    return value\n"
EGRESS = '\n[permissions]\negress = ["api.example.com:443"]\n'


def work(calls: int, ctx: Context) -> list[int]:
    statuses = [ctx.http.get(URL).status for _ in range(calls)]
    if statuses[-1] >= 500:
        raise RuntimeError(statuses)
    return statuses


@pytest.fixture
def app(here: GateHere) -> App:
    files = bundle(CODE, {"work": ""}, {"main": single(task("work"))}, EGRESS)
    return here.app(files, {"work": work}, ("egress:api.example.com:443",))


def start(here: GateHere, app: App, *statuses: int) -> Run:
    """A run of a golden test whose URL answers so."""
    run = here.start(app, "main")
    stored = here.cloud.registry.install(TENANT, run.install)
    stand_ins = StandIns(http=tuple(HttpStandIn(url=URL, status=status) for status in statuses))
    install = stored.item.model_copy(update={"stand_ins": stand_ins})
    here.cloud.registry.write_install(Stored(item=install, rev=stored.rev))
    return run


def attempt(here: GateHere, run: Run, calls: int, retry: int) -> object:
    try:
        return here.attempt(run, "Only", calls, step="work", nonce=f"n{retry}", retry=retry)
    except StepFailure as failure:
        return failure.what


def test_a_retry_gets_the_next_answer_of_the_url(here: GateHere, app: App) -> None:
    run = start(here, app, 503, 502, 500, 200)
    tries = [attempt(here, run, 2, retry) for retry in (0, 1)]
    assert "[503, 502]" in str(tries[0])
    assert tries[1] == [500, 200]


def test_another_run_begins_with_the_first_answer(here: GateHere, app: App) -> None:
    for _ in range(2):
        run = start(here, app, 201, 200)
        assert attempt(here, run, 2, 0) == [201, 200]
