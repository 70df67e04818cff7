"""Every error that Interlock raises, in one tree.

    Failure                     where, what, next step; a stable code; an HTTP status
    ├── BadRequest              400  the caller's words are off
    │   ├── Rejected            422  a bundle, config or input with findings
    │   └── TooLarge            413  past a named limit
    ├── NotSignedIn             401  no identity, or an expired one
    ├── Forbidden               403  an identity that may not do this
    ├── NotFound                404  no such thing in what the caller may see
    ├── Conflict                409  exists with other content, or somebody was first
    │   ├── WriteConflict           another writer changed the item since it was read
    │   └── Undeliverable           an event or another start that cannot become a run: it ends as a dead letter
    ├── Changed                 412  what the caller read has changed since
    ├── Throttled               429  a quota of the tenant or the install
    ├── Unavailable             503  a part of the platform did not answer
    └── StepFailure             what a step or the gate raises: its name is the ASL error that Retry and Catch match
        ├── PermanentError      a step says: trying again does not help
        ├── RetryableError      a step says: try again later
        └── GateFailure         the gate itself, by the names in `GateError`

Source of the HTTP shape: RFC 9457 (problem+json).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import Any, ClassVar, TypedDict

from interlock.contract.core.finding import Finding


class Problem(TypedDict, total=False):
    """An RFC 9457 problem; `code`, `where` and `next` are ours and stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: str
    next: str
    findings: list[dict[str, Any]]


class Failure(Exception):
    """The root: says where, what, and what to do next.

    Args:
        what: one sentence for a person.
        where: the file, route, state or resource that it is about.
        next_step: the command or change that helps.
        code: a stable word for machines; the class's own by default.
    """

    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    default_code: ClassVar[str] = "internal"

    def __init__(self, what: str, *, where: str = "", next_step: str = "", code: str = "") -> None:
        """Keep the three answers; `str()` of the error is `what`."""
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step
        self.code = code or self.default_code

    def problem(self) -> Problem:
        """The answer of the API, as problem+json."""
        return Problem(
            type=f"urn:interlock:error:{self.code}",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.what,
            code=self.code,
            where=self.where,
            next=self.next_step,
        )


class BadRequest(Failure):
    """The caller's words are off."""

    status = HTTPStatus.BAD_REQUEST
    default_code = "bad-request"


class Rejected(BadRequest):
    """A bundle, a config or an input that has findings of severity error."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "rejected"

    def __init__(self, what: str, findings: Sequence[Finding], **fields: str) -> None:
        """Keep the findings beside the words of every failure."""
        super().__init__(what, **fields)
        self.findings = tuple(findings)

    def problem(self) -> Problem:
        """The problem with its findings."""
        problem = super().problem()
        problem["findings"] = [finding.model_dump(mode="json") for finding in self.findings]
        return problem


class TooLarge(BadRequest):
    """Past a named limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"


class NotSignedIn(Failure):
    """No identity, or an expired one."""

    status = HTTPStatus.UNAUTHORIZED
    default_code = "not-signed-in"


class Forbidden(Failure):
    """An identity that may not do this."""

    status = HTTPStatus.FORBIDDEN
    default_code = "forbidden"


class NotFound(Failure):
    """No such thing in what the caller may see."""

    status = HTTPStatus.NOT_FOUND
    default_code = "not-found"


class Conflict(Failure):
    """Exists with other content, or somebody was first."""

    status = HTTPStatus.CONFLICT
    default_code = "conflict"


class WriteConflict(Conflict):
    """Another writer changed the item since it was read: read it again, then write."""


class Undeliverable(Conflict):
    """A start that no further delivery would turn into a run: it ends as a dead letter with this code.

    Args:
        what: one sentence for a person; never of the payload, because publishers see it.
        words: those of every failure.
    """

    default_code = "event.undelivered"

    def __init__(self, what: str, *, gone: bool = False, **fields: str) -> None:
        """Keep whether the letter is dropped at once: nobody is left who could redrive it."""
        super().__init__(what, **fields)
        self.gone = gone


class Changed(Failure):
    """What the caller read has changed since (`If-Match`)."""

    status = HTTPStatus.PRECONDITION_FAILED
    default_code = "changed"


class Throttled(Failure):
    """A quota of the tenant or of the install; `retry_after` says in how many seconds there may be room."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "throttled"

    def __init__(self, what: str, *, retry_after: int = 60, **fields: str) -> None:
        """Keep when to try again, too."""
        super().__init__(what, **fields)
        self.retry_after = retry_after


class Unavailable(Failure):
    """A part of the platform did not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"


class StepFailure(Failure):
    """What a step or the gate raises; `name` is the ASL error that Retry and Catch match."""

    default_code = "step-failure"

    def __init__(self, what: str, *, name: str = "", **fields: str) -> None:
        """Name the error; the class's own name by default."""
        super().__init__(what, **fields)
        self.name = name or type(self).__name__


class PermanentError(StepFailure):
    """Raise it in a step when trying again does not help."""


class RetryableError(StepFailure):
    """Raise it in a step when trying again later may help."""


class GateError(StrEnum):
    """The error names that the platform itself raises in a workflow. Retry and Catch may name them."""

    PAUSED = "Interlock.Paused"
    """A breakpoint stopped the step; the compiled workflow catches it, a publisher's own never sees it."""
    INTERRUPTED = "Interlock.Interrupted"
    """An attempt began and nobody knows how it ended, or its record could not be written; the step is not run again
    unless the workflow's Retry says so (one that is declared idempotent runs again at once)."""
    BAD_INPUT = "Interlock.BadInput"
    """The input is not what the step's type takes, or holds a marker that the gate did not make."""
    BAD_OUTPUT = "Interlock.BadOutput"
    """The step returned what JSON cannot hold (NaN, Infinity, an unknown type), or more than 6 MB."""
    DENIED = "Interlock.Denied"
    """The install was not granted what the step asked for, or may not run."""
    TOO_LARGE = "Interlock.TooLarge"
    """The workflow reads so much of a payload that the rest does not fit Step Functions' 256 KiB."""
    HISTORY_FULL = "Interlock.HistoryFull"
    """The run comes near Step Functions' 25,000 events; the gate ends it by name before."""
    DEADLINE = "Interlock.Deadline"
    """The workflow's own TimeoutSeconds has passed, not counting time in pauses."""
    STOPPED = "Interlock.Stopped"
    """A kill switch of the app, the version or the install is on."""
    ABORTED = "Interlock.Aborted"
    """Somebody stopped the run, and the cause says who and why; no Retry or Catch sees it."""
    QUOTA = "Interlock.QuotaExceeded"
    """The install, or its tenant, has spent the step time of this day (UTC); a Retry that waits long enough goes on."""
    REPLAY = "Interlock.ReplayMismatch"
    """A fork came to a step whose input differs from the record that should answer it."""
    UNAVAILABLE = "Interlock.Unavailable"
    """An AWS call of the gate failed; nothing was run, so a Retry is safe."""
    STEP_EXIT = "Interlock.StepExit"
    """The step's process ended without an answer: it exited, crashed or ran out of memory."""
    STEP_TIMEOUT = "States.Timeout"
    """The step took longer than its `timeout_s` or the Task's TimeoutSeconds: the name by which Step Functions says it
    too, so that one Catch takes both. It may still be running: a Retry gets `Interlock.Interrupted` until it ended."""


class GateFailure(StepFailure):
    """The gate could not serve a step, by one of the names in `GateError`."""

    def __init__(self, error: GateError, what: str, **fields: str) -> None:
        """Name the error by a member of `GateError`."""
        super().__init__(what, name=error.value, **fields)
        self.error = error


BY_STATUS: Mapping[int, type[Failure]] = {
    int(kind.status): kind
    for kind in (BadRequest, TooLarge, NotSignedIn, Forbidden, NotFound, Conflict, Throttled, Unavailable)
}


def from_problem(problem: Mapping[str, Any]) -> Failure:
    """Turn an answer of the API back into the failure that it was."""
    fields = {
        "where": str(problem.get("where", "")),
        "next_step": str(problem.get("next", "")),
        "code": str(problem.get("code", "")),
    }
    what = str(problem.get("detail") or problem.get("title") or problem.get("message") or "the platform refused")
    if problem.get("findings"):
        return Rejected(what, [Finding.model_validate(row) for row in problem["findings"]], **fields)
    kind = BY_STATUS.get(int(problem.get("status", 500)), Failure)
    return kind(what, **fields)
