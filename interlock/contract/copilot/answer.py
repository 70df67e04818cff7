"""What the tools of copilots take and answer: facts of ours in fields, what others wrote in `untrusted`."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from interlock.contract.copilot.tool import NOTICE, clean
from interlock.contract.core import limits
from interlock.contract.core.base import Document, Json, Model
from interlock.contract.run import Run, RunStatus

Rows = Annotated[int, Field(ge=1, le=100)]
Word = Annotated[str, Field(max_length=512)]


class Arguments(Model):
    """What a tool takes. The text below a field is what the copilot reads of it.

    No field is of any type at all, or of several: some models' APIs refuse such a schema.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Paged(Arguments):
    """Arguments of a list."""

    limit: Rows = limits.COPILOT_ROWS
    """How many at most."""
    cursor: str = ""
    """From the answer before; empty for the first page."""


class AssetSearch(Paged):
    """Arguments of `search_assets`."""

    type: Word = ""
    """Only assets of this type, such as `table` or `column`."""
    tag: Word = ""
    """Only assets with this tag."""
    prefix: Word = ""
    """Only assets whose qualified name begins so."""


class AssetRead(Arguments):
    """Arguments of `read_asset`."""

    qualified_name: Word
    """The asset's whole qualified name, such as `shop/main/customer`."""
    history: bool = False
    """Also its changes, newest first."""


class RunList(Paged):
    """Arguments of `list_runs`."""

    app: Word = ""
    """Only runs of this app, `publisher/name`."""
    install: Word = ""
    """Only runs of the install with this name or id."""
    workflow: Word = ""
    """Only runs of this workflow."""
    status: RunStatus | None = None
    """Only runs of this status."""
    error: Word = ""
    """Only runs that failed with this error's name, or the end of it."""
    since: Word = ""
    """Only runs from then on: a time, or a span back from now such as `2h` or `7d`."""
    until: Word = ""
    """Only runs up to then."""


class OneRun(Arguments):
    """Arguments of a tool about one run."""

    run: Word
    """The run's id."""


class PauseList(Paged):
    """Arguments of `list_pauses`."""

    run: Word = ""
    """Only pauses of this run; empty for every paused run."""
    limit: Annotated[int, Field(ge=1, le=limits.COPILOT_ROWS)] = limits.COPILOT_ROWS
    """Of how many paused runs at most."""


class Start(Arguments):
    """Arguments of `start_workflow`."""

    app: Word = ""
    """The installed app, `publisher/name`."""
    install: Word = ""
    """The name of the install; may be left out where the app has one."""
    workflow: Word = ""
    """The workflow; may be left out where the app has one."""
    input: dict[str, Json] = {}
    """The workflow's input."""
    key: Word = ""
    """Optional. The same key, the same run: a call that is sent twice starts one."""
    confirm: Word = ""
    """Only for an app that can change what is there: what the first call asked to repeat, word by word."""


class Resume(Arguments):
    """Arguments of `resume_pause`."""

    run: Word
    """The paused run."""
    pause: Word
    """The pause, from `list_pauses`."""
    action: Literal["go", "retry", "output", "error"] = "go"
    """`go` runs the step on, `retry` runs it again, `output` skips it with an output, `error` fails it."""
    input: dict[str, Json] | None = None
    """For `go`: run the step with this input in place of the recorded one."""
    output: Annotated[str, Field(max_length=limits.COPILOT_BODY_BYTES)] = ""
    """For `output`: what the step is said to have answered, as JSON text."""
    error: Word = ""
    """For `error`: the error's name."""
    cause: Word = ""
    """For `error`: its cause."""
    confirm: Word = ""
    """What the first call asked to repeat, word by word. Show it to the user before you repeat it."""


class DryFork(Arguments):
    """Arguments of `dry_fork`."""

    run: Word
    """A run that is over."""
    at: Word = ""
    """The state from which to run again, `STATE`, `STATE[INDEX]` or `STATE@ORDINAL`; empty for the one that failed."""
    whole: bool = False
    """Run every step again, from the first."""
    patch: dict[str, Json] | None = None
    """A JSON Merge Patch of that state's recorded input."""
    version: str | None = None
    """Another version of the app."""
    differing: Literal["stop", "run", "reuse"] = "stop"
    """What happens where an input differs from the recorded one though nothing was edited."""
    accept: tuple[str, ...] = ()
    """Codes of findings that the user has seen and accepts."""
    key: Word = ""
    """Optional. The same key, the same fork."""


class Untrusted(Document):
    """What somebody else wrote, by what it is."""

    notice: str = NOTICE
    data: dict[str, Json]


class NextCall(Document):
    """The call that leads on."""

    tool: str
    arguments: dict[str, Json]
    why: str


class Answer(Document):
    """What a tool answers."""

    def said(self) -> str:
        """The answer in a line."""
        return ""


class AssetPageAnswer(Answer):
    """Answer of `search_assets`."""

    count: int
    cursor: str | None = None
    untrusted: Untrusted

    def said(self) -> str:
        """How many."""
        return f"{self.count} assets on this page{'; more with the cursor' if self.cursor else ''}."


class AssetAnswer(Answer):
    """Answer of `read_asset`."""

    qualified_name: str
    changes: int | None = None
    untrusted: Untrusted

    def said(self) -> str:
        """Which, and how many changes."""
        message = "" if self.changes is None else f" with its last {self.changes} changes"
        return f"The asset {self.qualified_name}{message}."


class WorkflowRow(Document):
    """One workflow of an installed app."""

    app: str
    version: str
    install: str
    install_name: str = ""
    workflow: str
    triggers: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    """Tools that start it with checked arguments."""
    may_change: bool
    """Its app may change what is there: a start wants confirmation."""


class WorkflowsAnswer(Answer):
    """Answer of `list_workflows`."""

    workflows: tuple[WorkflowRow, ...]
    cursor: str | None = None

    def said(self) -> str:
        """Which."""
        names = ", ".join(f"{row.app} {row.workflow}{self._which(row)}" for row in self.workflows)
        return f"{len(self.workflows)} workflows: {names}." if names else "No app is installed."

    def _which(self, row: WorkflowRow) -> str:
        """The name of a workflow's install, where the app has several here."""
        several = len({other.install for other in self.workflows if other.app == row.app}) > 1
        return f" (install {row.install_name})" if several else ""


class StepRow(Document):
    """One visit of a step by its last attempt; `planned` if none began, `not-reached` once the run is over."""

    state: str
    index: int | None = None
    status: str
    attempts: int = 0


class WaitRow(Document):
    """What a run waits for."""

    waits_for: Literal["start", "person"]
    state: str = ""
    index: int | None = None
    pause: str = ""
    since: str = ""


class RunStatusAnswer(Answer):
    """A run: what was started, how far it is, where it waits, and what to call next."""

    run: str
    app: str
    install: str = ""
    install_name: str = ""
    version: str
    workflow: str
    status: RunStatus
    over: bool
    dry: bool = False
    """It performs no effect."""
    started: str | None = None
    ended: str | None = None
    forked_from: str = ""
    steps: tuple[StepRow, ...] = ()
    waits: tuple[WaitRow, ...] = ()
    next: NextCall | None = None
    untrusted: Untrusted | None = None

    def said(self) -> str:
        """The run and its status, and the next call."""
        done = sum(step.status == "succeeded" for step in self.steps)
        after = f" Next: {self.next.tool} ({self.next.why})." if self.next else ""
        what = "Dry run" if self.dry else "Run"
        return f"{what} {self.run} of {self.app} {self.workflow}: {self.status}, {done} steps done.{after}"


class RunRow(Document):
    """One run of a list."""

    run: str
    app: str
    install: str = ""
    install_name: str = ""
    version: str
    workflow: str
    status: RunStatus
    dry: bool = False
    """It performs no effect."""
    started: str
    ended: str | None = None
    error: str = ""
    state: str = ""


def run_row(run: Run) -> RunRow:
    """A run as a line of a list: what its app wrote is cleaned."""
    return RunRow(
        run=run.id,
        app=run.app,
        install=run.install,
        install_name=run.install_name,
        version=run.version,
        workflow=run.workflow,
        status=run.status,
        dry=run.dry,
        started=run.started,
        ended=run.ended,
        error=clean(run.failed.error) if run.failed else "",
        state=clean(run.failed.state) if run.failed else "",
    )


class RunsAnswer(Answer):
    """Answer of `list_runs`."""

    runs: tuple[RunRow, ...]
    cursor: str | None = None
    untrusted: Untrusted | None = None
    """The titles of runs that have one, by run."""

    def said(self) -> str:
        """How many."""
        return f"{len(self.runs)} runs on this page{'; more with the cursor' if self.cursor else ''}."


class ExplainAnswer(Answer):
    """Answer of `explain_run`."""

    run: str
    app: str
    version: str
    workflow: str
    kind: str
    state: str = ""
    file: str = ""
    line: int = 0
    error: str
    fingerprint: str = ""
    good_run: str = ""
    commands: tuple[str, ...] = ()
    untrusted: Untrusted

    def said(self) -> str:
        """Where it failed."""
        place = f" at {self.file}:{self.line}" if self.file else ""
        return f"Run {self.run} failed at state {self.state or '-'} with {self.error}{place}."


class PauseRow(Document):
    """One pause."""

    run: str
    pause: str
    state: str
    index: int | None = None
    at: str
    status: str
    armed_by: str
    since: str
    held_by: str = ""
    """The person who has taken it: no copilot decides it now."""


class PausesAnswer(Answer):
    """Answer of `list_pauses`: what the steps were given stands in `untrusted`, by pause."""

    pauses: tuple[PauseRow, ...]
    cursor: str | None = None
    untrusted: Untrusted

    def said(self) -> str:
        """How many."""
        return f"{len(self.pauses)} pauses; resume_pause decides about one." if self.pauses else "Nothing is paused."


class ResumeAnswer(Answer):
    """Answer of `resume_pause`."""

    run: str
    pause: str
    state: str
    action: str
    next: NextCall

    def said(self) -> str:
        """What was decided."""
        return f"{self.state} of run {self.run} goes on ({self.action})."
