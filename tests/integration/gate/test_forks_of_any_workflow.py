"""A fork without edits ends as its parent did, and runs nothing that ended before its fork point, at any depth.

Workflows are made by chance, and so is the visit at which each is forked. What ran is counted twice: by the steps
themselves, and by the records.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, cast

import pytest

from interlock.contract.fork import ForkRequest
from interlock.contract.run import RecordStatus, Run, RunStatus, StepRecord
from tests.support.gate import App, GateHere
from tests.support.gate_workflows import plain
from tests.support.kit import bundle
from tests.support.random_workflows import STEPS, given, workflow

SEEDS = range(300, 328)
PER_VERSION = 4
FORKS = 6
DEPTH = 4
"""Chains of forks of the workflows of one version, each DEPTH long."""
CODE = "from interlock import step\n" + "".join(
    f"\n\n@step\ndef {name}(value, ctx):\n    return value\n" for name in STEPS
)
"""What is published: the platform reads it, and does not run it here."""


class Broken(Exception):
    """A step fails for some inputs, each time."""


class Flaky(Exception):
    """A step fails at its first attempt."""


def added(value: dict[str, Any]) -> dict[str, Any]:
    number = value.get("n")
    return {**value, "n": (number if isinstance(number, int) else 0) + 1}


@dataclass
class Calls:
    """What the steps were called for: the states, by run."""

    by_run: defaultdict[str, list[str]]

    def step(self, kind: str) -> Callable[..., Any]:
        def call(value: Any, ctx: Any) -> Any:
            self.by_run[ctx.run].append(ctx.info.state)
            mark = zlib.crc32(json.dumps(plain(value), sort_keys=True).encode())
            if kind == "add" and isinstance(value, dict):
                return added(cast(dict[str, Any], value))
            if kind == "pick" and mark % 5 == 0:
                raise Broken("by chance")
            if kind == "flaky" and ctx.attempt == 0:
                raise Flaky("the first time")
            return value

        return call


@dataclass(frozen=True)
class Parent:
    """A run that is over."""

    run: Run
    records: list[StepRecord]

    @property
    def visits(self) -> list[StepRecord]:
        """The last attempt of each visit, in the order of time."""
        last = {(row.entered, row.state, row.index, row.digest): row for row in self.records}
        return sorted(last.values(), key=lambda row: (row.entered, row.started))

    def position(self, visit: StepRecord) -> str:
        """How a person names a visit."""
        same = [row for row in self.visits if (row.state, row.index) == (visit.state, visit.index)]
        index = f"[{visit.index}]" if visit.index is not None else ""
        return f"{visit.state}{index}@{same.index(visit) + 1}"


def outcome(run: Run) -> tuple[str, str, str]:
    output = plain(run.output.value) if run.output else None
    return run.status.value, run.failed.error if run.failed else "", json.dumps(output, sort_keys=True)


def wrongs(
    here: GateHere, app: App, calls: Calls, parent: Parent, visit: StepRecord, counts: Counter[str]
) -> tuple[list[str], Parent]:
    """Fork at a visit; what is not as it should be, and the fork."""
    at = parent.position(visit)
    child = here.fork(app, parent.run, ForkRequest(at=at, accept=("fork.unknown-end",)))
    records = here.records(child)
    ran = Counter(row.state for row in records if not row.reused)
    called = Counter(calls.by_run[child.id])
    # Of a retried step a fork has the final outcome alone, so a fork of it may need attempts that its parent has not.
    begun = Counter(row.state for row in records if not row.reused and row.attempt == 0)
    again = [row for row in parent.records if row.entered >= visit.entered or row.status is RecordStatus.FAILED]
    # Of a run that failed, another branch may not have come as far as it does now.
    failed = parent.run.status is not RunStatus.SUCCEEDED
    later = {row.state for row in records} - {row.state for row in parent.records} if failed else set[str]()
    behind = Counter(row.state for row in again) + Counter({state: begun[state] for state in later})
    before = [row for row in parent.visits if row.entered < visit.entered]
    ended = {row.state for row in before if row.status is RecordStatus.SUCCEEDED}
    name = f"{parent.run.workflow} at {at}"
    rows: list[str] = []
    if outcome(parent.run) != outcome(child):
        rows.append(f"{name}: {outcome(parent.run)} became {outcome(child)} {child.failed}")
    if called != ran:
        rows.append(f"{name}: {dict(called)} calls, but {dict(ran)} records")
    if too_many := begun - behind:
        rows.append(f"{name}: {dict(too_many)} ran again (of {dict(called)})")
    if wrongly := {state for state in ended - set(behind) if called[state]}:
        rows.append(f"{name}: {wrongly} had ended before the fork point and ran again")
    if visit.state not in called:
        rows.append(f"{name}: the fork point did not run")
    counts.update({"reused": sum(bool(row.reused) for row in records), "in a Map": visit.index is not None})
    counts[child.status.value] += 1
    counts["deepest"] = max(counts["deepest"], child.fork.depth if child.fork else 0)
    return rows, Parent(child, records)


@pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, PER_VERSION))
def test_forks_without_edits_end_as_their_parents_did(here: GateHere, first: int) -> None:
    calls = Calls(defaultdict(list))
    seeds = range(first, first + PER_VERSION)
    flows = {f"w{seed}": workflow(seed) for seed in seeds}
    app = here.app(bundle(CODE, dict.fromkeys(STEPS, ""), flows), {kind: calls.step(kind) for kind in STEPS})
    parents: list[Parent] = []
    for seed in seeds:
        run, execution = here.run(app, f"w{seed}", given(seed))
        parent = Parent(here.finish(run, execution), here.records(run))
        parents += [parent] if len(parent.visits) > 1 else []
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    draw = Random(first)
    for _ in range(FORKS):
        parent = draw.choice(parents)
        for _ in range(DEPTH):
            rows, parent = wrongs(here, app, calls, parent, draw.choice(parent.visits), counts)
            wrong += rows
    assert not wrong, "\n".join(wrong)
    assert counts["reused"] > 0
    assert counts["deepest"] == DEPTH
