"""Verifications: whether a version does what was recorded of runs, found by dry forks that run on the platform.

The dry runs are started page by page over the queue of starts, as fork jobs are. A dry run that is over is compared
when somebody reads the verification: its records do not change any more, so it does not matter when (ADR 0038).
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from interlock.aws.services import queues
from interlock.aws.tables.table import Stored, retry_conflicts
from interlock.aws.tables.verifications import Verifications
from interlock.contract.core import names
from interlock.contract.core.base import Json, now
from interlock.contract.core.failure import BadRequest, Conflict, Failure, NotFound, Throttled, Unavailable
from interlock.contract.core.page import PageRequest
from interlock.contract.diff import Difference
from interlock.contract.fork import ForkRequest
from interlock.contract.run import Run, RunStatus
from interlock.contract.search import RunFilter
from interlock.contract.start_message import VERIFICATION, StartMessage
from interlock.contract.verification import (
    RunVerdict,
    Verification,
    VerificationPage,
    VerificationRequest,
    VerificationStatus,
    VerificationSummary,
)
from interlock.control.inspection.diff import DiffContext, show_diff
from interlock.control.inspection.search import search_runs
from interlock.control.installs.context import InstallContext
from interlock.control.installs.upgrade_plan import plan_upgrade
from interlock.control.runs.fork import ForkContext, request_fork

START_PAGE = 5
"""Dry runs that one message starts, as in a fork job."""
COMPARED_AT_ONCE = 5
"""Dry runs that one read compares: two runs of 4,000 steps are compared in some seconds, and an API's call has 30 s."""
SEARCHES = 5
"""Pages of runs that are looked at for the last ones: an app whose last thousand runs are forks has none."""
SEARCH_PAGE = 200
REHEARSED = 10
"""The last runs of an install that a rehearsal repeats, where the request names no number."""
VALUE_CHARS = 300
"""Of a value in a verdict: 200 verdicts stay far below the 400 KB of an item. The diff has the whole value."""


@dataclass(frozen=True)
class VerificationContext:
    """What verifications work with."""

    forks: ForkContext
    installs: InstallContext

    @property
    def jobs(self) -> Verifications:
        """Where they are stored."""
        return Verifications(self.forks.runs.table.name)


@dataclass(frozen=True)
class _Subject:
    """What is verified, with which runs."""

    app: str
    version: str
    install: str
    runs: Sequence[str]


def request_verification(
    context: VerificationContext, tenant: str, request: VerificationRequest, by: str
) -> Verification:
    """Begin a verification; the same request with the same key answers the one that was begun.

    Raises:
        BadRequest: the request does not say which runs, or which version.
        NotFound: no such run, install or version, or no run is over.
        Conflict: the key belongs to another request.
    """
    subject = _subject(context, tenant, request)
    context.forks.registry.version(subject.app, subject.version)
    fresh = Verification(
        id=names.run_id(tenant, VERIFICATION, request.key or names.ulid()),
        tenant=tenant,
        app=subject.app,
        version=subject.version,
        install=subject.install,
        request=request,
        total=len(subject.runs),
        counts={"waiting": len(subject.runs)},
        started=now(),
        by=by,
        verdicts=tuple(RunVerdict(run=run) for run in subject.runs),
    )
    try:
        context.jobs.write(Stored(item=fresh))
    except Conflict:
        fresh = context.jobs.find(tenant, fresh.id).item
        if fresh.request != request:
            raise Conflict(
                "the key belongs to a verification with another request",
                where=fresh.id,
                code="verification-key",
                next_step="Send the request of that verification again, or choose another key.",
            ) from None
    if fresh.status is VerificationStatus.STARTING:
        queues.send(context.forks.queue, _message(fresh).model_dump_json(), tenant)
    return fresh


def list_verifications(context: VerificationContext, tenant: str, page: PageRequest) -> VerificationPage:
    """A page of the verifications of a tenant, newest first, without their verdicts."""
    read = context.jobs.page(tenant, limit=page.limit, cursor=page.cursor)
    rows = tuple(row.read(VerificationSummary) for row in read.rows)
    return VerificationPage(verifications=rows, cursor=read.cursor)


def show_verification(context: VerificationContext, tenant: str, job: str) -> Verification:
    """A verification with the verdicts that are known; some dry runs that are over are compared for it.

    Raises:
        NotFound: the tenant has no such verification.
    """
    stored = context.jobs.find(tenant, job)
    current = stored.item
    if current.status.over:
        return current
    verdicts = _compared(context.forks, current)
    if verdicts == current.verdicts:
        return current
    later = _counted(current, verdicts)
    try:
        context.jobs.write(Stored(item=later, rev=stored.rev))
    except Conflict:
        # Another reader compared the same records, or more dry runs were started.
        return context.jobs.find(tenant, job).item
    return later


def stop_verification(context: VerificationContext, tenant: str, job: str, by: str) -> Verification:
    """Start and compare nothing more; the dry runs that were started go on. Stopping twice is once.

    Raises:
        NotFound: the tenant has no such verification.
        Conflict: it is done, or too many callers change it.
    """

    def stop() -> Verification:
        stored = context.jobs.find(tenant, job)
        if stored.item.status is VerificationStatus.DONE:
            step = f"See its verdicts: GET /v1/tenants/{tenant}/verifications/{job}"
            raise Conflict("the verification is done", where=job, code="verification-done", next_step=step)
        if stored.item.status is VerificationStatus.STOPPED:
            return stored.item
        fields = {"status": VerificationStatus.STOPPED, "ended": now(), "stopped_by": by}
        stopped = stored.item.model_copy(update=fields)
        context.jobs.write(Stored(item=stopped, rev=stored.rev))
        return stopped

    return retry_conflicts(stop, "the verification", job)


def serve_verification(message: StartMessage, context: ForkContext) -> Verification:
    """Start one page of dry runs, then send a message for the next one. A second delivery starts none twice.

    Raises:
        NotFound: there is no such verification.
        Unavailable: a part of the platform did not answer; the page is served again.
    """
    jobs = Verifications(context.runs.table.name)
    stored = jobs.find(message.tenant, message.id)
    job = stored.item
    if job.status is not VerificationStatus.STARTING:
        return job
    page = [row.run for row in job.verdicts if row.verdict == "waiting" and not row.fork][:START_PAGE]
    started = {run: _started(job, run, context) for run in page}
    later = _counted(job, tuple(started.get(row.run, row) for row in job.verdicts))
    try:
        jobs.write(Stored(item=later, rev=stored.rev))
    except Conflict:
        # It was compared or stopped meanwhile: the forks have the same ids when the page is served again.
        later = jobs.find(job.tenant, job.id).item
    if later.status is VerificationStatus.STARTING:
        queues.send(context.queue, message.model_dump_json(), message.tenant)
    return later


def _subject(context: VerificationContext, tenant: str, request: VerificationRequest) -> _Subject:
    if request.runs and (request.last or request.app or request.install):
        raise BadRequest("`runs` names the runs already", where="runs", next_step="Send `runs`, or `last` alone.")
    if request.install:
        return _rehearsal(context, tenant, request)
    if not request.version:
        raise BadRequest("no version is named", where="version", next_step="Name the version, or an install.")
    if request.runs:
        ids = tuple(dict.fromkeys(request.runs))
        runs = [context.forks.runs.find(tenant, run).item for run in ids]
        return _Subject(runs[0].app, request.version, "", ids)
    if not request.last or not request.app:
        step = "Send `runs`, or `last` and `app`, or `install`."
        raise BadRequest("the request does not say which runs", where="runs", next_step=step)
    wanted = RunFilter(app=request.app, workflow=request.workflow, forks=False)
    return _Subject(request.app, request.version, "", _last(context.forks, tenant, wanted, request.last))


def _rehearsal(context: VerificationContext, tenant: str, request: VerificationRequest) -> _Subject:
    installs = {row.name: row.id for row in context.installs.registry.installs(tenant)}
    install = installs.get(request.install, request.install)
    plan = plan_upgrade(context.installs, tenant, install, request.version)
    wanted = RunFilter(app=plan.app, install=install, workflow=request.workflow, forks=False)
    return _Subject(plan.app, plan.to, install, _last(context.forks, tenant, wanted, request.last or REHEARSED))


def _last(context: ForkContext, tenant: str, wanted: RunFilter, count: int) -> tuple[str, ...]:
    """The last runs that came to an end by themselves."""
    ended: list[str] = []
    cursor: str | None = None
    for _ in range(SEARCHES):
        page = search_runs(context.runs, context.bucket, tenant, wanted, PageRequest(SEARCH_PAGE, cursor))
        ended += [run.id for run in page.runs if run.status in (RunStatus.SUCCEEDED, RunStatus.FAILED)]
        cursor = page.cursor
        if cursor is None or len(ended) >= count:
            break
    if not ended:
        step = f"interlock run list --app {wanted.app}"
        raise NotFound(f"no run of {wanted.app} is over", where="last", code="no-run-over", next_step=step)
    return tuple(ended[:count])


def _started(job: Verification, run: str, context: ForkContext) -> RunVerdict:
    request = ForkRequest(whole=True, dry=True, version=job.version, accept=job.request.accept, key=job.id)
    try:
        return RunVerdict(run=run, fork=request_fork(context, job.tenant, run, request, job.by).run)
    except (Throttled, Unavailable):
        raise
    except Failure as failure:
        codes = ", ".join(sorted({row.code for row in getattr(failure, "findings", ())}))
        sentence = f"{failure.what}: {codes}" if codes else failure.what
        return RunVerdict(run=run, verdict="refused", code=failure.code, refused=sentence[:VALUE_CHARS])


def _compared(context: ForkContext, job: Verification) -> tuple[RunVerdict, ...]:
    """The verdicts, with those of some dry runs that are over."""
    waiting = [row for row in job.verdicts if row.fork and row.verdict == "waiting"]
    forks = {
        run.id: run
        for at in range(0, len(waiting), BATCH)
        for run in context.runs.find_all(job.tenant, [row.fork for row in waiting[at : at + BATCH]])
    }
    over = [row for row in waiting if row.fork in forks and forks[row.fork].status.over][:COMPARED_AT_ONCE]
    diffs = DiffContext(context.runs, context.registry, context.bucket)
    known = {row.run: _verdict(diffs, row, forks[row.fork]) for row in over}
    return tuple(known.get(row.run, row) for row in job.verdicts)


BATCH = 100
"""BatchGetItem reads so many items:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


def _verdict(context: DiffContext, row: RunVerdict, fork: Run) -> RunVerdict:
    difference = show_diff(context, fork.tenant, row.run, fork.id, whole=False)
    count = len(difference.differences) + difference.more
    first = _cut(difference.first) if difference.first else None
    verdict = "differs" if count else "same"
    return row.model_copy(update={"verdict": verdict, "ended": _ended(fork), "first": first, "differences": count})


def _ended(run: Run) -> str:
    """How a run ended, with the state and the error where it failed."""
    failed = run.failed
    if failed is None:
        return run.status.value
    index = f"[{failed.index}]" if failed.index is not None else ""
    state = f" at {failed.state}{index}" if failed.state else ""
    return f"{run.status.value}{state}: {failed.error}"


def _cut(difference: Difference) -> Difference:
    return difference.model_copy(update={"a": _short(difference.a), "b": _short(difference.b)})


def _short(value: Json) -> Json:
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"


def _counted(job: Verification, verdicts: tuple[RunVerdict, ...]) -> Verification:
    """The verification with these verdicts, and the status that follows from them."""
    counts = dict(Counter(row.verdict for row in verdicts))
    status = job.status
    if all(row.fork or row.verdict != "waiting" for row in verdicts):
        status = VerificationStatus.COMPARING if counts.get("waiting") else VerificationStatus.DONE
    fields: dict[str, object] = {"verdicts": verdicts, "counts": counts, "status": status}
    return job.model_copy(update=fields | ({"ended": now()} if status is VerificationStatus.DONE else {}))


def _message(job: Verification) -> StartMessage:
    return StartMessage(
        tenant=job.tenant, install="", workflow="", trigger=VERIFICATION, kind=VERIFICATION, id=job.id, actor=job.by
    )
