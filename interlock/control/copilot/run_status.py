"""The status of a run for a copilot: planned and finished steps, where the run waits, and the next tool to call."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from interlock.aws.services import artifacts
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.asl import PAUSED_SUFFIX
from interlock.contract.copilot.answer import NextCall, RunStatusAnswer, StepRow, Untrusted, WaitRow
from interlock.contract.copilot.tool import clean
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotFound
from interlock.contract.registry import Version
from interlock.contract.run import Body, Pause, PauseStatus, Run, RunStatus, StepRecord
from interlock.debugger.choose import place_of
from interlock.debugger.redaction import Redacted, redact_run

PLANNED, MISSED = "planned", "not-reached"
_WANTED = (PauseStatus.WANTED, PauseStatus.WAITING)


def pending_status(version: Version, bucket: str, run: str, workflow: str, forked_from: str = "") -> RunStatusAnswer:
    """The receipt of a run that waits in the queue of starts."""
    steps = tuple(StepRow(state=clean(state), status=PLANNED) for state in _planned(bucket, version, workflow))
    return RunStatusAnswer(
        run=run,
        app=version.app,
        version=version.version,
        workflow=workflow,
        status=RunStatus.STARTING,
        over=False,
        forked_from=forked_from,
        steps=steps,
        waits=(WaitRow(waits_for="start"),),
        next=next_look(run),
    )


def read_run_status(runs: Runs, registry: Registry, bucket: str, tenant: str, run_id: str) -> RunStatusAnswer:
    """How far a run is, without what is sensitive in it.

    Raises:
        NotFound: no such run.
    """
    run = runs.find(tenant, run_id).item
    version = registry.version(run.app, run.version).item
    keies = runs.records_from(tenant, run.id, None, limit=limits.COPILOT_STEPS, newest=True)
    records = [record for _, (_, record) in zip(range(limits.COPILOT_STEPS), keies, strict=False)][::-1]
    pauses = [row for row in runs.pauses(tenant, run.id) if row.status in _WANTED] if run.open_pauses else []
    rules = (*run.redact, *registry.tenant(tenant).redact)
    redacted = redact_run(run, records, rules)
    return RunStatusAnswer(
        run=run.id,
        app=run.app,
        install=run.install,
        install_name=run.install_name,
        version=run.version,
        workflow=run.workflow,
        status=run.status,
        over=run.status.over,
        dry=run.dry,
        started=run.started,
        ended=run.ended,
        forked_from=run.fork.parent if run.fork else "",
        steps=_steps(_planned(bucket, version, run.workflow), records, MISSED if run.status.over else PLANNED),
        waits=tuple(_wait(pause) for pause in pauses),
        next=_next(run, pauses),
        untrusted=Untrusted(data=_data(redacted)),
    )


def shown_body(body: Body | None) -> Json:
    """A body as an answer holds it: its value, or its size where that is too large."""
    if body is None:
        return None
    if body.key or body.size > limits.COPILOT_BODY_BYTES:
        return {"left_out": "too large", "bytes": body.size}
    return body.value


def _data(redacted: Redacted) -> dict[str, Json]:
    run = redacted.run
    failed = run.failed
    summaries: dict[str, Json] = {place_of(row): row.summary for row in redacted.records if row.summary}
    shown = {"error": failed.error, "cause": failed.cause, "state": failed.state} if failed else None
    data: dict[str, Json] = {"input": shown_body(run.input), "output": shown_body(run.output), "failed": shown}
    return data | {"title": run.title, "summaries": summaries}


def _steps(planned: Sequence[str], records: Sequence[StepRecord], rest: str) -> tuple[StepRow, ...]:
    """Each visit by its last attempt, in the order of time, then what was not entered."""
    seen: dict[tuple[str, str, int | None], StepRow] = {}
    for record in records:
        visit = (record.state, record.entered, record.index)
        attempts = seen[visit].attempts + 1 if visit in seen else 1
        status = record.status.value
        seen[visit] = StepRow(state=clean(record.state), index=record.index, status=status, attempts=attempts)
    done = {record.state for record in records}
    later = (StepRow(state=clean(state), status=rest) for state in planned if state not in done)
    return (*seen.values(), *later)


def _wait(pause: Pause) -> WaitRow:
    return WaitRow(waits_for="person", state=clean(pause.state), index=pause.index, pause=pause.id, since=pause.since)


def _next(run: Run, pauses: Sequence[Pause]) -> NextCall | None:
    if run.status is RunStatus.SUCCEEDED:
        return None
    if run.status.over:
        return NextCall(tool="explain_run", arguments={"run": run.id}, why="it tells why the run failed")
    if pauses:
        return NextCall(tool="list_pauses", arguments={"run": run.id}, why="a step waits for a person")
    return next_look(run.id)


def next_look(run: str) -> NextCall:
    """The call that asks how a run goes on."""
    return NextCall(tool="run_status", arguments={"run": run}, why="ask again until it is over")


def _planned(bucket: str, version: Version, workflow: str) -> tuple[str, ...]:
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    try:
        return _tasks_at(bucket, f"{prefix}workflows/{workflow}.asl.json")
    except NotFound:
        return ()


@lru_cache(maxsize=128)
def _tasks_at(bucket: str, key: str) -> tuple[str, ...]:
    """The Task states of a definition; versions do not change, so it is read once in a process."""
    return tuple(dict.fromkeys(_tasks(artifacts.read_json(bucket, key))))


def _tasks(scope: Mapping[str, Any]) -> Iterator[str]:
    """Tasks in the order in which a run comes to them."""
    states = cast(Mapping[str, Mapping[str, Any]], scope.get("States", {}))
    seen: set[str] = set()
    ahead = [str(scope.get("StartAt"))]
    while ahead:
        name = ahead.pop(0)
        if name in seen or name not in states:
            continue
        seen.add(name)
        state = states[name]
        if state.get("Type") == "Task" and not name.endswith(PAUSED_SUFFIX):
            yield name
        inner: list[Mapping[str, Any]] = [*state.get("Branches", ()), state.get("ItemProcessor", {})]
        for one in inner:
            yield from _tasks(one)
        ways: list[Mapping[str, Any]] = [state, *state.get("Choices", ()), *state.get("Catch", ())]
        ahead += [str(way["Next"]) for way in ways if "Next" in way] + [str(state.get("Default", ""))]
