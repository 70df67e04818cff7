"""Steps inside a Map or a Parallel take one of their tenant's places while they run, and wait where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.tables.counters import Counters, quarter_now
from interlock.contract.core.failure import GateError, GateFailure, StepFailure
from interlock.contract.quota import Quotas
from interlock.contract.run import Run
from interlock.control.usage.quotas import set_install_quotas, set_tenant_quotas, show_quotas
from tests.support.cloud import TENANT
from tests.support.gate import App, GateHere
from tests.support.kit import bundle, task

CODE = "from interlock import step\n\n\n@step\ndef work(value):\n    return value\n"
EACH = {"StartAt": "Inner", "States": {"Inner": task("work")}}
MAIN = {
    "StartAt": "First",
    "States": {
        "First": task("work", Next="Each"),
        "Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": EACH, "End": True},
    },
}
ROOM = 2


def in_use(here: GateHere) -> tuple[int, int]:
    """The steps that count as under way: the tenant's, and its first install's."""
    lines = show_quotas(here.cloud.registry, here.cloud.runs.table.name, TENANT).lines
    return lines[0].steps_under_way, lines[1].steps_under_way


class Work:
    """A step that notes what is in use while it runs."""

    def __init__(self, here: GateHere) -> None:
        self.here = here
        self.seen: list[tuple[int, int]] = []

    def __call__(self, value: Any) -> Any:
        self.seen.append(in_use(self.here))
        if value == "broken":
            raise ValueError("broken")
        return value


@pytest.fixture
def work(here: GateHere) -> Work:
    return Work(here)


@pytest.fixture
def app(here: GateHere, work: Work) -> App:
    def step(value: Any) -> Any:
        return work(value)

    return here.app(bundle(CODE, {"work": ""}, {"main": MAIN}), {"work": step})


def attempt(here: GateHere, run: Run, state: str, value: Any, index: int) -> None:
    here.attempt(run, state, value, step="work", index=index)


@pytest.mark.parametrize("whose", ["install", "tenant"])
def test_step_without_a_place_has_not_run(here: GateHere, app: App, work: Work, whose: str) -> None:
    run, registry, counters = here.start(app, "main"), here.cloud.registry, Counters(here.cloud.runs.table.name)
    if whose == "install":
        set_install_quotas(registry, TENANT, app.install, Quotas(parallel_steps=ROOM))
    else:
        set_tenant_quotas(registry, TENANT, Quotas(parallel_steps=ROOM))
    for _ in range(ROOM):
        assert counters.take_step(TENANT, app.install, quarter_now(), (ROOM, ROOM))
    with pytest.raises(GateFailure, match="run in Maps and Parallels") as refused:
        attempt(here, run, "Inner", 1, 0)
    assert refused.value.name == GateError.UNAVAILABLE
    assert (work.seen, here.records(run)) == ([], [])
    # A step that is outside of any Map is one a run at most, and needs no place.
    here.attempt(run, "First", 1, step="work")
    counters.give_step(TENANT, app.install, quarter_now())
    attempt(here, run, "Inner", 1, 0)
    assert len(work.seen) == 2


def test_place_is_free_again_however_the_step_ends(here: GateHere, app: App, work: Work) -> None:
    run = here.start(app, "main")
    attempt(here, run, "Inner", "well", 0)
    with pytest.raises(StepFailure, match="broken"):
        attempt(here, run, "Inner", "broken", 1)
    assert work.seen == [(1, 1), (1, 1)]
    assert in_use(here) == (0, 0)


def test_what_a_crash_left_is_forgotten_in_half_an_hour(here: GateHere, app: App, work: Work) -> None:
    run, counters = here.start(app, "main"), Counters(here.cloud.runs.table.name)
    set_install_quotas(here.cloud.registry, TENANT, app.install, Quotas(parallel_steps=1))
    assert counters.take_step(TENANT, app.install, quarter_now() - 2, (1, 1))
    attempt(here, run, "Inner", 1, 0)
    assert counters.take_step(TENANT, app.install, quarter_now() - 1, (1, 1))
    with pytest.raises(GateFailure, match="1 steps of the install"):
        attempt(here, run, "Inner", 1, 1)
    assert len(work.seen) == 1


def test_map_whose_items_find_no_place_ends_well(here: GateHere, app: App, work: Work) -> None:
    set_install_quotas(here.cloud.registry, TENANT, app.install, Quotas(parallel_steps=1))
    counters, quarter = Counters(here.cloud.runs.table.name), quarter_now()
    refusals = 0
    passed = here.pass_gate

    def busy(event: Any) -> Any:
        """Another run of the install has the place whenever an item comes for the first time."""
        nonlocal refusals
        if event["state"] != "Inner" or event["retry"]:
            return passed(event)
        with here.lock:
            assert counters.take_step(TENANT, app.install, quarter, (1, 1))
            refusals += 1
            try:
                return passed(event)
            finally:
                counters.give_step(TENANT, app.install, quarter)

    here.machines.functions |= {name: busy for name in here.machines.functions if name.endswith("gate")}
    run, execution = here.run(app, "main", {"items": [1, 2, 3]})
    assert (execution.status, execution.output, refusals) == ("SUCCEEDED", [1, 2, 3], 3)
    assert max(own for _, own in work.seen) == 1
    assert {record.attempt for record in here.records(run) if record.state == "Inner"} == {1}
