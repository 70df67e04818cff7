"""What `scripts/bench` measures of records: what writing them costs a step, and what a fork pays to take one over.

As in bench_gate, the gate runs in this process against the engine.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from interlock.aws.tables.forks import Forks
from interlock.aws.tables.runs import record_key
from interlock.contract import payload
from interlock.contract.core.base import now
from interlock.contract.core.names import ExecutionName, parse_execution, ulid
from interlock.contract.envelope import Effect, GateRequest
from interlock.contract.fork import ReuseEntry, Role
from interlock.contract.run import Fork, RecordStatus, Run
from interlock.control.gate.pass_gate import GateContext, pass_gate
from interlock.control.gate.records import started_record
from interlock.control.gate.visit import Visit, read_visit
from interlock.local.environment import talking_to
from scripts.benchmark.engine import Engine
from scripts.benchmark.gate import gate_of, request_of

PASSES = 200
WARM_UPS = 10
MS = 1000


@dataclass(frozen=True)
class RecordCost:
    """Milliseconds of one step: medians.

    Attributes:
        recorder_ms: processor time of building, writing out and putting the started and the finished record.
        served_ms: the gate's answer to a second delivery of an attempt that is recorded.
        reused_ms: the gate's answer to a visit of a fork that the parent's record answers.
    """

    recorder_ms: float
    served_ms: float
    reused_ms: float


def record_cost(engine: Engine) -> RecordCost:
    """Measure PASSES passes of each."""
    with talking_to(engine.platform.engine):
        gate = gate_of(engine)
        template = request_of(engine)
        requests = [_asked(template, number, f"2026-01-01T00:00:00.{number:06d}Z") for number in range(PASSES)]
        visits = [read_visit(request, gate) for request in requests]
        recorder = [_spent(time.process_time, lambda visit=visit: _record(visit, gate)) for visit in visits]
        fork = _fork(gate, template, requests)
        again = [
            _asked(template, number, f"2026-01-02T00:00:00.{number:06d}Z").model_copy(update={"run": fork})
            for number in range(PASSES)
        ]
        served: list[float] = []
        reused: list[float] = []
        # In turn, so that what else the machine does falls on both.
        for one, other in zip(requests, again, strict=True):
            served.append(_spent(time.perf_counter, lambda one=one: pass_gate(one, gate)))
            reused.append(_spent(time.perf_counter, lambda other=other: pass_gate(other, gate)))
        middle = (statistics.median(values[WARM_UPS:]) for values in (recorder, served, reused))
        return RecordCost(*middle)


def _asked(template: GateRequest, number: int, entered: str) -> GateRequest:
    return template.model_copy(update={"entered": entered, "nonce": str(number), "input": {"n": number}})


def _spent(clock: Callable[[], float], do: Callable[[], object]) -> float:
    began = clock()
    do()
    return (clock() - began) * MS


def _record(visit: Visit, gate: GateContext) -> None:
    """What the gate does for the records of one step with two effects, without the step."""
    record = started_record(visit)
    assert gate.runs.begin(visit.key, record)
    effects = tuple(
        Effect(
            seq=number, kind="state", op="put", request={"key": f"row/{number}", "value": visit.value}, duration_ms=4.2
        )
        for number in range(2)
    )
    body = visit.bodies.keep([effect.model_dump(mode="json") for effect in effects])
    ended = {
        "status": RecordStatus.SUCCEEDED,
        "ended": now(),
        "duration_ms": 12.5,
        "output": visit.bodies.keep(visit.value),
        "effects": effects,
        "effects_key": body.key,
    }
    gate.runs.end(visit.key, record.model_copy(update=ended))


def _fork(gate: GateContext, template: GateRequest, requests: list[GateRequest]) -> str:
    """A fork that takes over every record, in the table of runs only; the ARN of its execution."""
    name = parse_execution(template.run)
    parent = gate.runs.find(name.tenant, name.run).item
    run = ulid()
    arn = template.run.rsplit(":", 1)[0] + f":{ExecutionName(name.tenant, name.install, run, 'f')}"
    fork = Fork(parent=parent.id, root=parent.id, at="end", point_state="end")
    gate.runs.create(_copy(parent, run, arn, fork))
    entries = [_entry(name, number, request) for number, request in enumerate(requests)]
    Forks(gate.runs.table).write(name.tenant, run, entries)
    return arn


def _copy(parent: Run, run: str, arn: str, fork: Fork) -> Run:
    return parent.model_copy(update={"id": run, "execution": arn, "fork": fork})


def _entry(name: ExecutionName, number: int, request: GateRequest) -> ReuseEntry:
    digest = payload.digest(request.input)
    key = record_key(name.tenant, name.run, request, digest, request.retry).sk
    visit = key.rsplit("#", 1)[0]
    return ReuseEntry(ordinal=number, state=request.state, digest=digest, role=Role.SERVE, record=key, visit=visit)
