"""What `scripts/bench` measures of runs of 4,000 steps: `interlock run show` and `interlock run diff`, whole commands.

The records are written into the table of runs as the gate writes them: a loop of steps, each with an order as its
input, a reading of it as its output, and two effects. No workflow is run for it.
"""

import json
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any, Literal

from interlock.aws.clients import client
from interlock.aws.tables.runs import Runs, record_extra, record_key
from interlock.aws.tables.table import item
from interlock.contract import payload
from interlock.contract.core.base import Json, moment
from interlock.contract.core.names import ExecutionName, ulid
from interlock.contract.envelope import Effect, GateRequest, Trigger
from interlock.contract.run import Body, RecordStatus, Run, RunStatus, StepRecord, Usage
from interlock.local.environment import talking_to
from scripts.benchmark.engine import Engine

STEPS = 4_000
ROUNDS = 5
BATCH = 25
WRITERS = 4
STEP_MS = 210
SHOW_AND_DIFF = (f"run show of {STEPS:,}", "run diff of")
CHANGED = 3_000
"""The step whose output differs in the second run."""


def command_times(engine: Engine) -> dict[str, list[float]]:
    """Seconds of each round, by command; a round runs every command once."""
    one, other = (_long_run(engine, changed=changed) for changed in (-1, CHANGED))
    fields = {
        f"run show of {STEPS:,} steps": (["run", "show", one], 0),
        f"run show --json of {STEPS:,} steps": (["run", "show", one, "--json"], 0),
        f"run diff of two runs of {STEPS:,} steps": (["run", "diff", one, other, "--json"], 3),
    }
    times: dict[str, list[float]] = {name: [] for name in fields}
    for _ in range(ROUNDS):
        for name, (command, code) in fields.items():
            times[name].append(_timed(command, code))
    return times


def diff_ratio(times: dict[str, list[float]]) -> float:
    """How much longer a diff of two runs takes than showing one, round by round: the median."""
    show, diff = ([values for name, values in times.items() if name.startswith(kind)][0] for kind in SHOW_AND_DIFF)
    return statistics.median(two / one for one, two in zip(show, diff, strict=True))


def medians(times: dict[str, list[float]]) -> dict[str, float]:
    """The median of each command."""
    return {name: statistics.median(values) for name, values in times.items()}


def _timed(parts: list[str], code: int) -> float:
    begun = time.monotonic()
    done = subprocess.run(["interlock", *parts], check=False, capture_output=True, text=True)
    took = time.monotonic() - begun
    assert done.returncode == code, (done.returncode, done.stderr[-500:])
    assert len(done.stdout) > 100
    return took


def _long_run(engine: Engine, *, changed: int) -> str:
    """Write a run that succeeded with STEPS records; its id."""
    install = next(engine.client.installs.iterate(engine.tenant)).id
    run = ulid()
    name = ExecutionName("acme", install, run)
    end = datetime.now(UTC)
    begun = end - timedelta(milliseconds=STEPS * STEP_MS)
    whole = Run(
        id=run,
        tenant="acme",
        install=install,
        app="bench/steps",
        version="1.0.0",
        workflow="empty",
        trigger=Trigger(name="api", kind="api", id=run),
        status=RunStatus.SUCCEEDED,
        execution=f"arn:aws:states:us-east-1:000000000000:execution:bench:{name}",
        started=moment(begun),
        ended=moment(end),
        input=_body({"orders": STEPS}),
        output=_body({"read": STEPS}),
        usage=Usage(steps=STEPS, attempts=STEPS, effects=2 * STEPS, step_ms=STEPS * (STEP_MS - 10)),
    )
    with talking_to(engine.platform.engine):
        runs = Runs(engine.platform.record.runs_table)
        runs.create(whole)
        rows = [_row(whole, str(name), number, changed=changed) for number in range(STEPS)]
        batches = [rows[at : at + BATCH] for at in range(0, STEPS, BATCH)]
        with ThreadPoolExecutor(WRITERS) as pool:
            for left in pool.map(_put, repeat(runs.table.name), batches):
                assert not left
    return run


def _put(table: str, batch: list[dict[str, Any]]) -> Any:
    answer = client("dynamodb").batch_write_item(RequestItems={table: [{"PutRequest": {"Item": row}} for row in batch]})
    return answer.get("UnprocessedItems")


def _row(run: Run, name: str, number: int, *, changed: int) -> dict[str, Any]:
    at = datetime.fromisoformat(run.started) + timedelta(milliseconds=number * STEP_MS)
    order = {
        "id": f"order-{number:05d}",
        "customer": {"name": f"Customer {number % 97}", "email": f"c{number % 97}@example.com", "tier": "gold"},
        "lines": [{"sku": f"sku-{number * 7 + line}", "count": line + 1, "price": 19.9} for line in range(4)],
        "next": number + 1,
    }
    total = 119.4 if number != changed else 0.0
    read = {"id": order["id"], "total": total, "currency": "EUR", "next": number + 1, "stock": [12, 0, 4, 7]}
    effects = (
        _effect(0, "catalog", "get", {"qualified_name": f"shop/{order['id']}"}, order),
        _effect(1, "state", "put", {"key": f"read/{order['id']}", "value": read}, None),
    )
    request = GateRequest(run=run.execution, state="Read", step="nothing", entered=moment(at), input=order)
    digest = payload.digest(order)
    record = StepRecord(
        run=run.id,
        execution=name,
        state=request.state,
        step=request.step,
        entered=request.entered,
        digest=digest,
        status=RecordStatus.SUCCEEDED,
        started=moment(at),
        ended=moment(at + timedelta(milliseconds=STEP_MS - 10)),
        duration_ms=STEP_MS - 10,
        step_ms=STEP_MS - 20,
        input=_body(order),
        output=_body(read),
        effects=effects,
        log_group="/aws/lambda/interlock-s-bench-nothing",
        log_request=f"5b0c1f6e-0000-4000-8000-{number:012d}",
    )
    key = record_key(run.tenant, run.id, request, digest, 0)
    return item(key, record, extra=record_extra(key, record))


def _effect(seq: int, kind: Literal["catalog", "state"], op: str, request: Json, result: Json) -> Effect:
    return Effect(seq=seq, kind=kind, op=op, request=request, result=result, duration_ms=4.2)


def _body(value: Json) -> Body:
    text = json.dumps(value)
    return Body(value=value, size=len(text), digest=payload.digest(value))
