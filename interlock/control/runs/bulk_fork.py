"""Fork jobs: the failed runs that match a filter are counted, then forked, page by page over the queue of starts.

A run that was redriven well is skipped. A fork's id is made of its run and the job, so that a page that is served
twice starts no run twice. Progress is written after each page: a page that crashed is served again as a whole. Each
run is claimed before it is forked: of two jobs at the same moment one forks it.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from interlock.aws.services import queues
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.fork_jobs import ForkJobs
from interlock.aws.tables.forks import Forks
from interlock.aws.tables.table import Stored, retry_conflicts
from interlock.contract.core import limits, names
from interlock.contract.core.base import now
from interlock.contract.core.failure import (
    BadRequest,
    Conflict,
    Failure,
    NotFound,
    Throttled,
    TooLarge,
    Unavailable,
    WriteConflict,
)
from interlock.contract.core.page import PageRequest
from interlock.contract.dead_letter import DeadState
from interlock.contract.fork import ForkAccepted, ForkClaim, ForkRequest
from interlock.contract.fork_job import (
    ForkJob,
    ForkJobPage,
    ForkJobRequest,
    ForkJobRow,
    ForkJobStatus,
    ForkJobSummary,
    ForkSkip,
)
from interlock.contract.run import Run, RunStatus
from interlock.contract.search import RunFilter
from interlock.contract.start_message import FORK_JOB, StartMessage
from interlock.control.inspection.search import Criteria, read_filter, require_install, search_runs
from interlock.control.runs.fork import ForkContext, fork_id, refuse_words, request_fork

COUNT_PAGE = 50
FORK_PAGE = 5
"""Runs of one message. A fork with an edited input calls the gate, which may take seconds: five stay far below the
30 s of the function that serves the queue."""
DESCENDANTS = 50
"""Forks of a run, and forks of these, that are read to learn whether one succeeded."""
LOOKUPS = 100
"""BatchGetItem takes so many: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
PENDING = timedelta(days=1)
"""A fork that was requested, has no run and is no dead letter, may wait so long for room in the tenant's quota."""
CLAIM = timedelta(hours=1)
"""A claim without a fork holds for so long: the page that made it is served again within minutes, or never."""
WHAT_CHARS = 300


def request_bulk_fork(context: ForkContext, tenant: str, request: ForkJobRequest, by: str) -> ForkJob:
    """Begin a fork job; the same request with the same key answers the job that was begun.

    Raises:
        BadRequest: the filter, its times or the fork contradict themselves, or the request is too large.
        NotFound: the filter names an install that the tenant never had.
        Conflict: the key belongs to another request.
    """
    refuse_words(request.fork)
    if request.fork.key:
        raise BadRequest(
            "the job gives each fork its own key", where="fork.key", next_step="Send `key` beside `fork` instead."
        )
    if len(request.model_dump_json().encode()) > limits.FORK_JOB_REQUEST_BYTES:
        raise TooLarge(
            f"the request is larger than {limits.FORK_JOB_REQUEST_BYTES} bytes",
            where="fork",
            next_step="Make the patch and the lists of the fork smaller.",
        )
    started = now()
    wanted = _wanted(request)
    require_install(context.registry, tenant, wanted.install)
    until = min(wanted.until or started, started)
    if wanted.since and wanted.since > until:
        raise BadRequest("`since` must be before `until`", where="filter.since", next_step="Exchange the two times.")
    fresh = ForkJob(
        id=names.run_id(tenant, FORK_JOB, request.key or names.ulid()),
        tenant=tenant,
        request=request,
        since=wanted.since,
        until=until,
        started=started,
        by=by,
    )
    jobs = ForkJobs(context.runs.table.name)
    try:
        jobs.write(Stored(item=fresh))
    except Conflict:
        fresh = jobs.find(tenant, fresh.id).item
        if fresh.request != request:
            raise Conflict(
                "the key belongs to a fork job with another request",
                where=fresh.id,
                code="fork-job-key",
                next_step="Send the request of that job again, or choose another key.",
            ) from None
    if not fresh.status.over:
        queues.send(context.queue, _message(fresh).model_dump_json(), fresh.tenant)
    return fresh


def show_fork_job(context: ForkContext, tenant: str, job: str) -> ForkJob:
    """A fork job and its progress; NotFound where there is none."""
    return ForkJobs(context.runs.table.name).find(tenant, job).item


def list_fork_jobs(context: ForkContext, tenant: str, page: PageRequest) -> ForkJobPage:
    """A page of the fork jobs of a tenant, newest first, without their runs."""
    read = ForkJobs(context.runs.table.name).page(tenant, limit=page.limit, cursor=page.cursor)
    return ForkJobPage(jobs=tuple(row.read(ForkJobSummary) for row in read.rows), cursor=read.cursor)


def stop_fork_job(context: ForkContext, tenant: str, job: str, by: str) -> ForkJob:
    """Stop a job; a page that is served at this moment, FORK_PAGE runs at most, ends first. Stopping twice is once.

    Raises:
        NotFound: the tenant has no such job.
        Conflict: the job is done, or too many callers change it.
    """
    jobs = ForkJobs(context.runs.table.name)

    def stop() -> ForkJob:
        stored = jobs.find(tenant, job)
        match stored.item.status:
            case ForkJobStatus.STOPPED:
                return stored.item
            case ForkJobStatus.DONE:
                raise Conflict(
                    "the fork job is done",
                    where=job,
                    code="fork-job-done",
                    next_step=f"See its forks: interlock run fork-job show {job}",
                )
            case ForkJobStatus.COUNTING | ForkJobStatus.FORKING:
                stopped = stored.item.model_copy(update=_stopped(by))
        jobs.write(Stored(item=stopped, rev=stored.rev))
        return stopped

    return retry_conflicts(stop, "the fork job", job)


def serve_bulk_fork(message: StartMessage, context: ForkContext) -> ForkJob:
    """Serve one page of a job, then send a message for the next one. A second delivery goes on from the progress.

    Raises:
        NotFound: there is no such job.
        Unavailable: a part of the platform did not answer; the page is served again.
    """
    jobs = ForkJobs(context.runs.table.name)
    stored = jobs.find(message.tenant, message.id)
    if stored.item.status.over:
        return stored.item
    job = next_page(stored.item, context)
    try:
        jobs.write(Stored(item=job, rev=stored.rev))
    except Conflict:
        return _meet_other_writer(jobs, stored.item, job)
    if not job.status.over:
        queues.send(context.queue, message.model_dump_json(), message.tenant)
    return job


def _meet_other_writer(jobs: ForkJobs, before: ForkJob, after: ForkJob) -> ForkJob:
    """Write the progress of a page into a job that was stopped meanwhile.

    Where another delivery made progress, it goes on: the forks that this one sent have the same ids.
    """
    latest = jobs.find(before.tenant, before.id)
    marks = {"status": latest.item.status, "ended": latest.item.ended, "stopped_by": latest.item.stopped_by}
    if latest.item.status is not ForkJobStatus.STOPPED or latest.item != before.model_copy(update=marks):
        return latest.item
    stopped = after.model_copy(update=marks)
    jobs.write(Stored(item=stopped, rev=latest.rev))
    return stopped


def next_page(job: ForkJob, context: ForkContext) -> ForkJob:
    """Count or fork one page of runs; the job as it is after it."""
    return _count_page(job, context) if job.status is ForkJobStatus.COUNTING else _fork_page(job, context)


def _count_page(job: ForkJob, context: ForkContext) -> ForkJob:
    wanted = _wanted_of(job)
    size = min(COUNT_PAGE, limits.FORK_JOB_RUNS - job.total)
    page = search_runs(context.runs, context.bucket, job.tenant, wanted, PageRequest(size, job.cursor))
    waiting, rows, counted = list(job.waiting), list[ForkJobRow](), 0
    for run in page.runs:
        if len(waiting) >= job.request.limit:
            break
        counted += 1
        skip = _skip(run, context, wanted)
        if skip is None:
            waiting.append(run.id)
        else:
            rows.append(ForkJobRow(run=run.id, skip=skip))
    job = _recorded(job, rows)
    total = job.total + counted
    full = len(waiting) >= job.request.limit or total >= limits.FORK_JOB_RUNS
    more = counted < len(page.runs) or (full and page.cursor is not None)
    fields: dict[str, object] = {"total": total, "waiting": tuple(waiting), "cursor": page.cursor}
    if full or page.cursor is None:
        fields |= {"cursor": None, "more": more}
        over = job.request.count_only or not waiting
        fields |= _ended() if over else {"status": ForkJobStatus.FORKING}
    return job.model_copy(update=fields)


def _fork_page(job: ForkJob, context: ForkContext) -> ForkJob:
    wanted = _wanted_of(job)
    rows = [_fork(job, run, context, wanted) for run in job.waiting[:FORK_PAGE]]
    waiting = job.waiting[FORK_PAGE:]
    return _recorded(job, rows).model_copy(update={"waiting": waiting} | ({} if waiting else _ended()))


def _fork(job: ForkJob, run: str, context: ForkContext, wanted: RunFilter) -> ForkJobRow:
    """Fork one run, unless it was skipped or forked by an earlier delivery of this page."""
    try:
        parent = context.runs.find(job.tenant, run).item
        own = fork_id(parent, job.id)
        if Forks(context.runs.table).has_link(job.tenant, run, own):
            return ForkJobRow(run=run, fork=own)
        # Read before the forks are: a fork that another job requests after this moment changes the claim.
        claim = Forks(context.runs.table).fork_claim(job.tenant, run)
        taken = _is_taken(parent, own, claim, context)
        skip = _skip(parent, context, wanted)
        if skip is not None:
            return ForkJobRow(run=run, skip=skip)
        if not job.request.fork.dry and (taken or not _claim(parent, own, claim, context)):
            return ForkJobRow(run=run, skip=ForkSkip.UNDER_WAY)
        request = job.request.fork.model_copy(update={"key": job.id})
        return ForkJobRow(run=run, fork=_claimed_fork(context, parent, request, job.by).run)
    except (Throttled, Unavailable):
        raise
    except Failure as failure:
        return ForkJobRow(run=run, code=failure.code, what=_sentence(failure))
    except ValueError as error:
        # A record that does not have the form of its model: its words may hold the payload.
        what = f"the platform can't read the records of the run: {type(error).__name__}"
        return ForkJobRow(run=run, code="unreadable-run", what=what)


def _is_taken(parent: Run, own: str, claim: Stored[ForkClaim] | None, context: ForkContext) -> bool:
    """Whether another job has claimed the next fork of a run, and has not noted yet that it requested it."""
    if claim is None or claim.item.fork in ("", own) or claim.item.at <= now(-CLAIM):
        return False
    return not Forks(context.runs.table).has_link(parent.tenant, parent.id, claim.item.fork)


def _claim(parent: Run, own: str, claim: Stored[ForkClaim] | None, context: ForkContext) -> bool:
    """Claim the next fork of a run for `own`; False where another job was first."""
    mine = Stored(item=ForkClaim(fork=own, at=now()), rev=claim.rev if claim else 0)
    try:
        Forks(context.runs.table).write_fork_claim(parent.tenant, parent.id, mine)
    except WriteConflict:
        return False
    return True


def _claimed_fork(context: ForkContext, parent: Run, request: ForkRequest, by: str) -> ForkAccepted:
    """Request the fork of a run that is claimed; a refusal gives the claim back."""
    try:
        return request_fork(context, parent.tenant, parent.id, request, by)
    except (Throttled, Unavailable):
        raise
    except (Failure, ValueError):
        forks = Forks(context.runs.table)
        claim = forks.fork_claim(parent.tenant, parent.id)
        if claim is not None and claim.item.fork == fork_id(parent, request.key):
            released = Stored(item=ForkClaim(fork="", at=now()), rev=claim.rev)
            with suppress(WriteConflict):
                forks.write_fork_claim(parent.tenant, parent.id, released)
        raise


def _sentence(failure: Failure) -> str:
    findings = "; ".join(f"{row.code}: {row.what}" for row in getattr(failure, "findings", ()))
    return f"{failure.what}: {findings}" if findings else failure.what


def _skip(run: Run, context: ForkContext, wanted: RunFilter) -> ForkSkip | None:
    """Why a run that matches is not forked; None where it is."""
    if run.dry:
        return ForkSkip.DRY
    if run.fork is not None and _matches(run.tenant, run.fork.parent, context, wanted):
        return ForkSkip.FORK
    return _descendants(run, context)


def _matches(tenant: str, run: str, context: ForkContext, wanted: RunFilter) -> bool:
    try:
        parent = context.runs.find(tenant, run).item
    except NotFound:
        return False
    in_time = (wanted.since or "") <= parent.started <= (wanted.until or parent.started)
    return in_time and Criteria(context.runs, context.bucket, wanted).passes(parent)


def _descendants(run: Run, context: ForkContext) -> ForkSkip | None:
    """Whether a fork of a run succeeded, or is not over; a dry fork counts as neither. At most DESCENDANTS are read."""
    todo, under_way, read = [run.id], False, 0
    while todo and read < DESCENDANTS:
        forks, pending = _forks(run.tenant, todo.pop(), context)
        read += len(forks) + 1
        if any(fork.status is RunStatus.SUCCEEDED for fork in forks):
            return ForkSkip.REDRIVEN
        under_way |= pending or any(not fork.status.over for fork in forks)
        todo += [fork.id for fork in forks]
    return ForkSkip.UNDER_WAY if under_way else None


def _forks(tenant: str, run: str, context: ForkContext) -> tuple[list[Run], bool]:
    """The newest forks of a run that are not dry, and whether one was requested that has not started yet."""
    links = {link.run: link for link in Forks(context.runs.table).links(tenant, run)}
    forks = context.runs.find_all(tenant, list(links)[:LOOKUPS])
    late = now(-PENDING)
    absent = links.keys() - {fork.id for fork in forks}
    fresh = (name for name in absent if links[name].at > late and not links[name].dry)
    pending = any(not _refused(tenant, name, context) for name in fresh)
    return [fork for fork in forks if not fork.dry], pending


def _refused(tenant: str, fork: str, context: ForkContext) -> bool:
    """Whether the start of a fork became a dead letter, which nobody has redriven."""
    try:
        letter = DeadLetters(context.runs.table.name).find(tenant, fork).item
    except NotFound:
        return False
    return letter.state is not DeadState.REDRIVEN


def _recorded(job: ForkJob, rows: list[ForkJobRow]) -> ForkJob:
    """The job with what became of some more runs."""
    skips = Counter(job.skipped) + Counter(row.skip for row in rows if row.skip is not None)
    failed, recorded = job.failed, list(job.rows)
    for row in rows:
        failed += bool(row.code)
        what = row.what[:WHAT_CHARS] if failed <= limits.FORK_JOB_ERRORS else ""
        recorded.append(row.model_copy(update={"what": what}))
    forked = job.forked + sum(bool(row.fork) for row in rows)
    return job.model_copy(update={"rows": tuple(recorded), "forked": forked, "failed": failed, "skipped": dict(skips)})


def _wanted(request: ForkJobRequest) -> RunFilter:
    return read_filter(request.filter.model_dump() | {"status": RunStatus.FAILED.value})


def _wanted_of(job: ForkJob) -> RunFilter:
    """The filter of a job, whose times were read when it began."""
    fields = job.request.filter.model_dump() | {"since": "", "until": ""}
    times = {"since": job.since, "until": job.until}
    return read_filter(fields | {"status": RunStatus.FAILED.value}).model_copy(update=times)


def _stopped(by: str) -> dict[str, object]:
    return {"status": ForkJobStatus.STOPPED, "ended": now(), "stopped_by": by}


def _ended() -> dict[str, object]:
    return {"status": ForkJobStatus.DONE, "ended": now()}


def _message(job: ForkJob) -> StartMessage:
    return StartMessage(
        tenant=job.tenant, install="", workflow="", trigger=FORK_JOB, kind=FORK_JOB, id=job.id, actor=job.by
    )
