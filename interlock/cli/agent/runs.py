"""The tools that look at runs: which failed, why, what a step had, and any expression in the failing frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from interlock.cli.agent.tool import Desk, Tool, cut, untrusted
from interlock.contract.copilot.answer import Answer, Arguments, OneRun, RunsAnswer, Untrusted, Word, run_row
from interlock.contract.copilot.tool import clean
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotFound
from interlock.contract.run import RunStatus

if TYPE_CHECKING:
    from interlock.cli.runs.material import Material
    from interlock.contract.envelope import StepError
    from interlock.contract.run import Run

MAX_EXPRESSIONS = 20
EVALUATE_SECONDS = 60.0
"""A step that was recorded ended within 15 minutes; what an agent waits for in a session is far less."""
AROUND = 3
"""Lines of source before and after the failing one."""


class RunsWanted(Arguments):
    """Arguments of `list_runs`."""

    app: Word = ""
    """Only runs of this app, `publisher/name`."""
    workflow: Word = ""
    """Only runs of this workflow."""
    status: RunStatus | None = None
    """Only runs of this status."""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    """How many at most; the newest come first."""


class Attempt(OneRun):
    """Arguments of `recorded_step`."""

    state: Word = ""
    """STATE, STATE[INDEX] or STATE@2; empty for the state that failed first."""
    attempt: int | None = None
    """0 for the first attempt; without it the one that failed."""


class Expressions(Attempt):
    """Arguments of `debug_eval`."""

    expressions: Annotated[tuple[Word, ...], Field(min_length=1, max_length=MAX_EXPRESSIONS)]
    """In Python, with the names of the frame: `value["name"]`, `len(rows)`, `[row for row in rows if not row]`."""
    at: Word = ""
    """FILE:LINE of the app to stop before; empty for the line that failed."""


class ExplainAnswer(Answer):
    """Answer of `explain_run`."""

    run: str
    state: str
    error: str
    file: str
    line: int
    untrusted: Untrusted
    """The explanation: what failed, the source, what the line read and where that came from."""

    def said(self) -> str:
        """Where it failed."""
        return f"{self.error} in {self.state} at {self.file}:{self.line}" if self.file else f"{self.error}"


class StepAnswer(Answer):
    """Answer of `recorded_step`."""

    run: str
    app: str
    version: str
    state: str
    attempt: int
    status: str
    handler: str
    """`package.module:function`."""
    code: str
    """The folder on this machine with the exact code that ran; read its files there."""
    untrusted: Untrusted
    """`input`, `output`, `effects` (what it called through its context, with the answers), `error`, `frames`."""

    def said(self) -> str:
        """Which attempt it is."""
        return f"{self.state} attempt {self.attempt} of {self.run}: {self.status}"


class EvaluateAnswer(Answer):
    """Answer of `debug_eval`."""

    run: str
    state: str
    stopped: bool
    """False where the step ended without stopping: the line was not reached, or it did not fail here."""
    same: bool
    """Whether it ended here as it was recorded."""
    untrusted: Untrusted
    """`values` of the expressions, and the `frames` with their locals, outermost first."""

    def said(self) -> str:
        """Whether it stopped."""
        return "It stopped." if self.stopped else "It did not stop there."


def wait_for_end(desk: Desk, run: str, seconds: float) -> Run:
    """A run once it is over, or waits for a person."""
    from interlock.cli.terminal.wait import until

    def over() -> Run | None:
        try:
            state = desk.client.runs.get(desk.tenant, run, whole=True)
        except NotFound:
            return None
        return state if state.status.over or state.status is RunStatus.PAUSED else None

    return until(over, seconds=seconds, what=f"the end of run {run}", next_step=f"interlock run show {run}")


def _list(desk: Desk, wanted: RunsWanted) -> RunsAnswer:
    rows = desk.client.runs.iterate(
        desk.tenant, app=wanted.app, workflow=wanted.workflow, status=wanted.status, most=wanted.limit
    )
    runs = tuple(rows)
    titles: dict[str, Json] = {run.id: run.title for run in runs if run.title}
    return RunsAnswer(runs=tuple(map(run_row, runs)), untrusted=untrusted({"titles": titles}))


def _explain(desk: Desk, wanted: OneRun) -> ExplainAnswer:
    view = desk.client.runs.explain(desk.tenant, wanted.run)
    explanation = view.explanation
    data: dict[str, Json] = {"text": view.text, "explanation": explanation.model_dump(mode="json")}
    return ExplainAnswer(
        run=wanted.run,
        state=clean(explanation.where),
        error=clean(explanation.error),
        file=clean(explanation.file),
        line=explanation.line,
        untrusted=untrusted(data),
    )


def _step(desk: Desk, wanted: Attempt) -> StepAnswer:
    from interlock.debugger.choose import place_of

    material = _material(desk, wanted)
    record, run = material.record, material.run
    data: dict[str, Json] = {
        "input": record.input.value,
        "output": record.output.value if record.output else None,
        "effects": [cut(row.model_dump(mode="json")) for row in record.effects],
        "error": record.error.model_dump(mode="json", exclude={"frames"}) if record.error else None,
        "frames": _frames(record.error, material.code),
    }
    return StepAnswer(
        run=run.id,
        app=run.app,
        version=run.version,
        state=clean(place_of(record)),
        attempt=record.attempt,
        status=record.status.value,
        handler=material.handler,
        code=str(material.code or ""),
        untrusted=untrusted(data),
    )


def _frames(error: StepError | None, code: Path | None) -> Json:
    """The recorded frames, each with the lines of the exact code around it."""
    rows: list[Json] = []
    for frame in error.frames if error else ():
        path = (code / frame.file) if code else None
        lines = path.read_text(errors="replace").splitlines() if path and path.is_file() else []
        first = max(0, frame.line - 1 - AROUND)
        source: list[Json] = [
            f"{number}  {text}" for number, text in enumerate(lines[first : frame.line + AROUND], first + 1)
        ]
        rows.append(frame.model_dump(mode="json") | {"source": source})
    return rows


def _evaluate(desk: Desk, wanted: Expressions) -> EvaluateAnswer:
    from interlock.cli.runs.material import job_of
    from interlock.debugger.choose import place_of
    from interlock.local.debug.session import Session

    material = _material(desk, wanted)
    assert material.code is not None
    job = job_of(material, material.code, (wanted.at,) if wanted.at else (), {})
    with Session(job.model_copy(update={"evaluate": wanted.expressions})) as session:
        ended = session.wait(EVALUATE_SECONDS)
    outcome = ended.outcome
    look = outcome.look if outcome else None
    data: dict[str, Json] = look.model_dump(mode="json") if look else {}
    if outcome is None:
        data["end"] = ended.words
    return EvaluateAnswer(
        run=wanted.run,
        state=clean(place_of(material.record)),
        stopped=look is not None,
        same=bool(outcome and outcome.same),
        untrusted=untrusted(data),
    )


def _material(desk: Desk, wanted: Attempt) -> Material:
    from interlock.cli.runs.material import Remote
    from interlock.local.home import home

    return Remote(desk.client, desk.tenant, wanted.run).material(home().root, wanted.state, wanted.attempt)


RUNS = (
    Tool(
        name="list_runs",
        title="List runs",
        about="The tenant's runs, newest first: which failed, at which state, with which error.",
        arguments=RunsWanted,
        answer=RunsAnswer,
        run=_list,
    ),
    Tool(
        name="explain_run",
        title="Explain a failed run",
        about="Why a run failed: the first cause with its file, line and source, the values that the line read and the "
        "earlier step that they came from, and what differs from the last good run. Begin here.",
        arguments=OneRun,
        answer=ExplainAnswer,
        run=_explain,
    ),
    Tool(
        name="recorded_step",
        title="Read a recorded step",
        about="One attempt of a step as it was recorded: its input, its output or error, every call through its "
        "context with the answer, the frames with their source, and the folder with the exact code.",
        arguments=Attempt,
        answer=StepAnswer,
        run=_step,
    ),
    Tool(
        name="debug_eval",
        title="Evaluate in the failing frame",
        about="Run a recorded step again on this machine with its exact code, input and recorded effects, stop where "
        "it failed (or before FILE:LINE), and evaluate Python expressions there. Nothing is performed: calls are "
        "answered from the record.",
        arguments=Expressions,
        answer=EvaluateAnswer,
        run=_evaluate,
    ),
)
