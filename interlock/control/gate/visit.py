"""One attempt at the gate and all that is read for it, in one call."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import cast

from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.counters import counts_of, day_key, is_spent, quarter_now, steps_key
from interlock.aws.tables.forks import Claimable, claimable, first_key
from interlock.aws.tables.registry import Registry, install_item, tenant_item, version_item_by_key
from interlock.aws.tables.runs import Runs, record_key, run_key
from interlock.aws.tables.table import Key, Row, batch_get
from interlock.contract import payload
from interlock.contract.core import names
from interlock.contract.core.base import Json, today
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.envelope import GateRequest
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.platform_step import PLANS
from interlock.contract.registry import Install, StepPlan, Tenant, Version
from interlock.contract.run import Run, StepRecord
from interlock.contract.stand_in import HttpStandIn, answers_left
from interlock.control.apps.kill_switches import kill_switch_key
from interlock.control.gate.reuse import Work
from interlock.control.usage.admission import quotas_of

NONCE_CHARS = 8
MAX_ATTEMPTS_READ = 90
"""BatchGetItem takes 100 keys; a publisher's Retry has at most 100 attempts."""


@dataclass(frozen=True)
class GateContext:
    """What the gate works with: one for each process."""

    runs: Runs
    registry: Registry
    sessions: Sessions
    bucket: str
    ticket_secret: Callable[[], bytes]
    """What tickets are signed with now: it is rotated while the process runs."""
    region: str
    api_url: str
    api_host: str = ""
    endpoint_url: str = ""
    on_step: Callable[[float], None] = lambda _milliseconds: None
    """Gets how long each step took, in milliseconds: the part of the gate's time that was not its own."""
    on_app: Callable[[str], None] = lambda _app: None
    """Gets the app of the run once it is known, for log lines."""


@dataclass(frozen=True)
class ParallelRoom:
    """What room a tenant and an install have for steps inside a Map or a Parallel."""

    quarter: int
    """The quarter of an hour in whose counter a step that begins now is."""
    whole: int
    own: int
    left: tuple[int, int]
    """What tenant and install may count in this quarter: less what began in the one before and is not over."""


@dataclass(frozen=True)
class Visit:
    """One attempt at the gate, and all that was read for it."""

    request: GateRequest
    name: names.ExecutionName
    run: Run
    install: Install
    version: Version
    plan: StepPlan
    value: Json
    digest: str
    asked: str
    """The replay digest of what the workflow passed; `digest` is that of what the step gets."""
    key: Key
    previous_record: StepRecord | None
    """The last earlier attempt that is recorded."""
    record: StepRecord | None
    bodies: Bodies
    claimant: str = ""
    """The visit's name in a fork: the same for every attempt, before and after a pause."""
    work: Work = Work()
    entry: Claimable | None = None
    """In a fork, the first of what the parent recorded here with this input."""
    app_stopped: str = ""
    """Why the app is switched off; empty while it is on."""
    http: tuple[HttpStandIn, ...] | None = None
    """Of a golden test: what URLs answer from here on; what earlier attempts of the state got is gone."""
    spent: bool = False
    """Whether the install, or its tenant, has spent the step time of this day."""
    parallel: ParallelRoom | None = None
    """Where the state is inside a Map or a Parallel."""


def read_visit(request: GateRequest, context: GateContext) -> Visit:
    """Read run, install, version, this attempt's record and those of the attempts before it: one BatchGetItem."""
    name = names.parse_execution(request.run)
    bodies = Bodies(context.bucket, name.tenant, name.run)
    value = bodies.put_back(request.input) if any(True for _ in payload.markers(request.input)) else request.input
    found_digest = payload.digest(value)
    machine = request.run.rsplit(":", 2)[-2]
    version_at = version_item_by_key(machine.removeprefix(f"{names.PREFIX}-v-")[:12])
    install_at = install_item(name.tenant, name.install)
    run_at = run_key(name.tenant, name.run)
    key = record_key(name.tenant, name.run, request, found_digest, request.retry)
    first = max(request.retry - MAX_ATTEMPTS_READ, 0)
    earlier = [record_key(name.tenant, name.run, request, found_digest, at) for at in range(first, request.retry)]
    reuse_digest = payload.reuse_digest(value)
    # Forks are named with a suffix; where the name is a recovered run's, nothing is there.
    entry_at = first_key(name.tenant, name.run, request.state, request.index, reuse_digest) if name.suffix else None
    day_at = day_key(name.tenant, today())
    quarter = quarter_now()
    before_at, tenant_at = steps_key(name.tenant, quarter - 1), tenant_item(name.tenant)
    keys = [run_at, key, day_at, before_at, *earlier, *([entry_at] if entry_at else [])]
    runs, registry = context.runs.table.name, context.registry.table.name
    switch_at = kill_switch_key(version_at)
    rows = batch_get({runs: keys, registry: [install_at, version_at, switch_at, tenant_at]})
    run = _required(rows.get((runs, run_at.pk, run_at.sk)), "run", name.run).read(Run)
    install = _required(rows.get((registry, install_at.pk, install_at.sk)), "install", name.install).read(Install)
    version = _required(rows.get((registry, version_at.pk, version_at.sk)), "version", machine).read(Version)
    plan = version.steps.get(request.step) or PLANS.get(request.step)
    if plan is None or run.install != install.id:
        raise GateFailure(GateError.STOPPED, f"{run.app} has no step {request.step}", where=request.state)
    before = [row for at in earlier if (row := rows.get((runs, at.pk, at.sk)))]
    previous = before[-1] if before else None
    record = rows.get((runs, key.pk, key.sk))
    entry = rows.get((runs, entry_at.pk, entry_at.sk)) if entry_at else None
    visit = Visit(
        request=request,
        name=name,
        run=run,
        install=install,
        version=version,
        plan=plan,
        value=value,
        digest=found_digest,
        asked=reuse_digest,
        claimant=key.sk.rsplit("#", 1)[0],
        key=key,
        previous_record=previous.read(StepRecord) if previous else None,
        record=record.read(StepRecord) if record else None,
        bodies=bodies,
        entry=claimable(entry) if entry else None,
        app_stopped=switch.read(KillSwitch).stopped
        if (switch := rows.get((registry, switch_at.pk, switch_at.sk)))
        else "",
        http=_answers(install, before, bodies),
        spent=is_spent(rows.get((runs, day_at.pk, day_at.sk)), name.install),
        parallel=_room(
            install,
            _required(rows.get((registry, tenant_at.pk, tenant_at.sk)), "tenant", name.tenant),
            quarter,
            counts_of(rows.get((runs, before_at.pk, before_at.sk)), name.install),
        )
        if request.state in _parallel_states(version, run)
        else None,
    )
    return (
        disambiguate_by_nonce(visit, context)
        if visit.record is not None and _is_anothers(visit, visit.record)
        else visit
    )


def _answers(install: Install, before: Iterable[Row], bodies: Bodies) -> tuple[HttpStandIn, ...] | None:
    """What URLs answer in a golden test, less what earlier attempts got, so that a retry gets the next answer."""
    rows = install.stand_ins.http if install.stand_ins else None
    if rows is None:
        return None
    effects = [effect for row in before for effect in bodies.effects(row.read(StepRecord)) if effect.kind == "http"]
    requests = [(effect.op, cast(dict[str, Json], effect.request)) for effect in effects]
    return answers_left(rows, [(op, str(request.get("url"))) for op, request in requests])


def _parallel_states(version: Version, run: Run) -> tuple[str, ...]:
    plan = version.workflows.get(run.workflow)
    return plan.parallel if plan else ()


def _room(install: Install, tenant: Row, quarter: int, before: tuple[int, int]) -> ParallelRoom:
    whole, own = (quotas.parallel_steps for quotas in quotas_of(tenant.read(Tenant), install))
    return ParallelRoom(quarter, whole, own, left=(whole - before[0], own - before[1]))


def disambiguate_by_nonce(visit: Visit, context: GateContext) -> Visit:
    """The visit as it is recorded where another one had its key first.

    Items of a Map in a Map may enter a state in the same millisecond, with the same index and input: their nonces tell
    them apart. A second delivery of an attempt has the first one's nonce, and finds its record.
    """
    row = context.runs.table.get(visit.key)
    record = row.read(StepRecord) if row else None
    if record is None or not _is_anothers(visit, record):
        return replace(visit, record=record)
    place, _, attempt = visit.key.sk.rpartition("#")
    own = f"{place}~{visit.request.nonce[:NONCE_CHARS]}"
    key = Key(pk=visit.key.pk, sk=f"{own}#{attempt}")
    row = context.runs.table.get(key)
    return replace(visit, key=key, claimant=own, record=row.read(StepRecord) if row else None)


def _is_anothers(visit: Visit, record: StepRecord) -> bool:
    return bool(record.nonce and visit.request.nonce) and record.nonce != visit.request.nonce


def _required(row: Row | None, kind: str, word: str) -> Row:
    if row is None:
        raise GateFailure(GateError.STOPPED, f"the {kind} {word} does not exist", where=kind)
    return row
