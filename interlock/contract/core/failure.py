"""Every error that Interlock raises, in one tree.

    Failure                     has a place, a sentence, a next step, a stable code and an HTTP status
    ├── BadRequest              400  the request is not correct
    │   ├── Rejected            422  a bundle, a config or an input has findings
    │   └── TooLarge            413  something exceeds a named limit
    ├── NotSignedIn             401  the caller is not signed in, or not any more
    ├── Forbidden               403  the caller may not do this
    ├── NotFound                404  it does not exist, or the caller may not see it
    ├── Conflict                409  the state of a resource does not permit the call
    │   ├── WriteConflict           another writer changed the item since it was read
    │   └── Undeliverable           a start can never become a run: it ends as a dead letter
    ├── Changed                 412  the resource changed after the caller read it
    ├── Throttled               429  a quota of the tenant or the install is used up
    ├── Unavailable             503  a part of the platform did not answer
    └── StepFailure             a step or the gate failed: its name is the ASL error that Retry and Catch match
        ├── PermanentError      a step failed, and a Retry does not help
        ├── RetryableError      a step failed, and a Retry may help
        └── GateFailure         the gate could not serve a step; `GateError` has the names

Source of the HTTP shape: RFC 9457 (problem+json).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

if TYPE_CHECKING:
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
    """The platform failed. All other errors are kinds of this one.

    Args:
        what: what is wrong, as a sentence without a capital letter and a full stop.
        where: the file, route, state or resource that it is about.
        next_step: the command or the change that solves it.
        code: a stable name for programs; by default that of the class.
    """

    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    default_code: ClassVar[str] = "internal"

    def __init__(self, what: str, *, where: str = "", next_step: str = "", code: str = "") -> None:
        """Store the parts of the error; `str()` of it is `what`."""
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step
        self.code = code or self.default_code

    def problem(self) -> Problem:
        """Return the error as the API answers it (problem+json)."""
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
    """The request is not correct."""

    status = HTTPStatus.BAD_REQUEST
    default_code = "bad-request"


class Rejected(BadRequest):
    """A bundle, a config or an input has findings of severity error."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "rejected"

    def __init__(self, what: str, findings: Sequence[Finding], **fields: str) -> None:
        """Store the findings and the parts of every failure."""
        super().__init__(what, **fields)
        self.findings = tuple(findings)

    def problem(self) -> Problem:
        """Return the problem with its findings."""
        problem = super().problem()
        problem["findings"] = [finding.model_dump(mode="json") for finding in self.findings]
        return problem


class TooLarge(BadRequest):
    """Something exceeds a named limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"


class NotSignedIn(Failure):
    """The caller is not signed in, or the sign-in has expired."""

    status = HTTPStatus.UNAUTHORIZED
    default_code = "not-signed-in"


class Forbidden(Failure):
    """The caller is signed in and may not do this."""

    status = HTTPStatus.FORBIDDEN
    default_code = "forbidden"


class NotFound(Failure):
    """The resource does not exist, or the caller may not see it."""

    status = HTTPStatus.NOT_FOUND
    default_code = "not-found"


class Conflict(Failure):
    """The state of a resource does not permit the call: for example, it exists already."""

    status = HTTPStatus.CONFLICT
    default_code = "conflict"


class WriteConflict(Conflict):
    """Another writer changed the item after it was read: read it again, then write."""


class Undeliverable(Conflict):
    """A start can never become a run, so it ends as a dead letter with this code.

    Args:
        what: what is wrong; it never contains payload, because publishers see it.
        words: the parts of every failure.
    """

    default_code = "event.undelivered"

    def __init__(self, what: str, *, gone: bool = False, **fields: str) -> None:
        """Store whether the dead letter is dropped at once, because its install was removed."""
        super().__init__(what, **fields)
        self.gone = gone


class Changed(Failure):
    """The resource changed after the caller read it (`If-Match`)."""

    status = HTTPStatus.PRECONDITION_FAILED
    default_code = "changed"


class Throttled(Failure):
    """A quota of the tenant or of the install is used up; `retry_after` is the number of seconds to wait."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "throttled"

    def __init__(self, what: str, *, retry_after: int = 60, **fields: str) -> None:
        """Store after how many seconds the caller may try again."""
        super().__init__(what, **fields)
        self.retry_after = retry_after


class Unavailable(Failure):
    """A part of the platform did not answer."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"


class StepFailure(Failure):
    """A step or the gate failed; `name` is the ASL error that Retry and Catch match."""

    default_code = "step-failure"

    def __init__(self, what: str, *, name: str = "", **fields: str) -> None:
        """Store the name of the error; by default that of the class."""
        super().__init__(what, **fields)
        self.name = name or type(self).__name__


class PermanentError(StepFailure):
    """A step failed, and a Retry does not help. Steps raise it."""


class RetryableError(StepFailure):
    """A step failed, and a Retry may help. Steps raise it."""


class GateError(StrEnum):
    """The error names that the platform itself raises in a workflow. Retry and Catch may name them."""

    PAUSED = "Interlock.Paused"
    """A breakpoint stopped the step; the compiled workflow catches it, so the publisher's workflow never sees it."""
    INTERRUPTED = "Interlock.Interrupted"
    """An attempt began and its end is not known, or its record could not be written. The step runs again only if the
    workflow retries this error; a step that is declared idempotent runs again at once."""
    BAD_INPUT = "Interlock.BadInput"
    """The input does not have the step's type, or contains a marker that the gate did not make."""
    BAD_OUTPUT = "Interlock.BadOutput"
    """The step returned a value that JSON does not have (NaN, Infinity, an unknown type), or more than 6 MB."""
    SECRET_IN_OUTPUT = "Interlock.SecretInOutput"
    """The output, an event, the state or a catalog write of the step holds a secret that it read through
    `ctx.secrets`, as it is or encoded. The message names the field and the secret, and never the value."""
    DENIED = "Interlock.Denied"
    """The install was not granted a permission that the step needs, or may not run."""
    TOO_LARGE = "Interlock.TooLarge"
    """The workflow reads so much of a payload that the rest does not fit Step Functions' 256 KiB."""
    HISTORY_FULL = "Interlock.HistoryFull"
    """The run has nearly reached Step Functions' limit of 25,000 events, so the gate ends it."""
    DEADLINE = "Interlock.Deadline"
    """The workflow ran longer than its TimeoutSeconds, without the time in pauses."""
    STOPPED = "Interlock.Stopped"
    """A kill switch of the app, the version or the install is on."""
    ABORTED = "Interlock.Aborted"
    """A person stopped the run; the cause contains the name and the reason. Retry and Catch do not see it."""
    QUOTA = "Interlock.QuotaExceeded"
    """The install, or its tenant, has used up the step time of this day (UTC); a Retry may wait for the next."""
    REPLAY = "Interlock.ReplayMismatch"
    """A fork reached a step whose input differs from the record that it should reuse."""
    UNAVAILABLE = "Interlock.Unavailable"
    """An AWS call of the gate failed before the step ran, so a Retry is safe."""
    STEP_EXIT = "Interlock.StepExit"
    """The step's process ended without an answer: it exited, crashed or ran out of memory."""
    STEP_TIMEOUT = "States.Timeout"
    """The step took longer than its `timeout_s` or the Task's TimeoutSeconds. Step Functions uses the same name, so
    that one Catch handles both. The step may still run: a Retry gets `Interlock.Interrupted` until it has ended."""


class GateFailure(StepFailure):
    """The gate could not serve a step; the error has one of the names in `GateError`."""

    def __init__(self, error: GateError, what: str, **fields: str) -> None:
        """Store the member of `GateError`, whose value is the name of the error."""
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
    # pydantic comes with findings: a command that fails without any does not wait for it.
    from interlock.contract.core.finding import Finding

    what = str(
        problem.get("detail") or problem.get("title") or problem.get("message") or "the platform refused the call"
    )
    if problem.get("findings"):
        return Rejected(what, [Finding.model_validate(row) for row in problem["findings"]], **fields)
    kind = BY_STATUS.get(int(problem.get("status", 500)), Failure)
    return kind(what, **fields)
