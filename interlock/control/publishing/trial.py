"""The trial of a version: its golden tests in the sandbox tenant, through the real queue and the real gate.

  try_version   one look: makes what is not there yet, sends what was not sent, compares what has ended
  end_trial     the installs of the trial go, with their secrets and state; its runs stay until they expire
The machine looks again until it is over: no function waits. Every test has an install of its own, so none sees the
state and the catalog of another one; none has triggers, so nothing but its start reaches it.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from interlock.aws.services import artifacts, objects, queues, secrets, step_functions
from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.registry import install_item
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored
from interlock.compiler.golden import Golden
from interlock.contract.approval import ApprovalError
from interlock.contract.catalog import MAX_BATCH, AssetWrite
from interlock.contract.certification import Trial, TrialRun
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, Model, now, parse_moment
from interlock.contract.core.failure import Conflict, NotFound, Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.core.names import Artifact
from interlock.contract.manifest import MANIFEST
from interlock.contract.registry import Channel, Install, InstallStatus, Version, VersionStatus
from interlock.contract.run import Run, RunStatus
from interlock.contract.start_message import StartMessage, run_of
from interlock.contract.trigger import requested_permissions
from interlock.control.events.catalog import write_assets
from interlock.control.publishing.context import PublishContext, Upload, begun, change_version, version_of
from interlock.control.tenants.onboard import ACTIVE, FAILED, begin_onboarding
from interlock.debugger.compare import ABSENT
from interlock.debugger.diff import diff_values

TRIGGER = "trial"
DIFFERENCES = 5
"""Places of an output that a finding names."""
SHOWN_CHARS = 120


class Tests(Model):
    """The golden tests as they are kept beside the bundle."""

    tests: tuple[Golden, ...]


def ready_sandbox(context: PublishContext) -> bool:
    """Whether the sandbox tenant is there; it is onboarded as any other one, before a trial that does not find it."""
    try:
        status = context.registry.tenant(names.SANDBOX).status
    except NotFound:
        status = FAILED
    if status == FAILED:
        begin_onboarding(context.registry, context.settings.onboard_machine, names.SANDBOX, "Trials")
    return status == ACTIVE


def try_version(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Go on with a trial; whether it is over.

    Raises:
        Rejected: a test failed, or the trial takes too long.
    """
    stored = version_of(upload, context)
    version = stored.item
    if version.manifest is None or not version.manifest.tests or (version.trial and version.trial.over):
        return {"done": True}
    if version.trial is None:
        stored = change_version(context, stored, **begun(version, VersionStatus.TRIAL), trial=_planned(version))
    if not ready_sandbox(context):
        _refuse_late(stored.item)
        return {"done": False}
    trial = stored.item.trial or _planned(version)
    tests = _tests(stored.item, context)
    if not trial.sent:
        for one, test in zip(trial.runs, tests, strict=True):
            _furnish(one, test, context)
            _install(stored.item, one, test, context)
            start = _start(one, test)
            queues.send(context.settings.start_queue, start.model_dump_json(exclude_defaults=True), start.tenant)
        trial = trial.model_copy(update={"sent": True})
        stored = change_version(context, stored, trial=trial)
    return _look(stored, trial, tests, context)


def end_trial(version: Version, context: PublishContext) -> None:
    """Delete the installs of a trial, with all that they kept; nothing where there was none."""
    manifest = version.manifest
    for one in version.trial.runs if version.trial and manifest else ():
        for name in manifest.permissions.secrets if manifest else ():
            secrets.delete_secret(names.secrets_prefix(names.SANDBOX, one.install) + name)
        bucket, prefix = context.settings.data_bucket, names.state_prefix(names.SANDBOX, one.install)
        while keys := objects.list_page(bucket, prefix):
            objects.delete_page(bucket, keys)
        if _has_sandbox(context):
            Catalog(names.SANDBOX, one.install).clear_space()
        context.registry.table.delete(install_item(names.SANDBOX, one.install))


def _has_sandbox(context: PublishContext) -> bool:
    """Whether the sandbox has a catalog: a trial may have ended before the sandbox was there."""
    try:
        return context.registry.tenant(names.SANDBOX).status == ACTIVE
    except NotFound:
        return False


def _planned(version: Version) -> Trial:
    tests = version.manifest.tests if version.manifest else ()
    rows: list[TrialRun] = []
    for ordinal, test in enumerate(tests):
        one = TrialRun(
            test=ordinal, workflow=test.workflow, install=names.trial_install(version.upload_key, ordinal), run=""
        )
        rows.append(one.model_copy(update={"run": run_of(_message(one, None))}))
    return Trial(since=now(), runs=tuple(rows))


def _tests(version: Version, context: PublishContext) -> tuple[Golden, ...]:
    key = names.artifact_prefix(version.app, version.version, version.digest) + Artifact.GOLDEN_TESTS
    return Tests.model_validate(artifacts.read_json(context.settings.artifact_bucket, key)).tests


def _furnish(one: TrialRun, test: Golden, context: PublishContext) -> None:
    """Put the assets and the state of a test where its install finds them; again changes nothing."""
    space = Catalog(names.SANDBOX, one.install)
    for at in range(0, len(test.assets), MAX_BATCH):
        batch = test.assets[at : at + MAX_BATCH]
        write_assets(space, [AssetWrite.model_validate(row.model_dump(exclude_none=True)) for row in batch])
    prefix = names.state_prefix(names.SANDBOX, one.install)
    for key, value in test.state.items():
        artifacts.write_json(context.settings.data_bucket, f"{prefix}{key}.json", value)


def _install(version: Version, one: TrialRun, test: Golden, context: PublishContext) -> None:
    for name, value in test.secrets.items():
        secrets.write_secret(names.secrets_prefix(names.SANDBOX, one.install) + name, value)
    install = Install(
        id=one.install,
        tenant=names.SANDBOX,
        app=version.app,
        version=version.version,
        status=InstallStatus.ACTIVE,
        channel=Channel.PINNED,
        granted=requested_permissions(version),
        config=test.config,
        secrets=tuple(test.secrets),
        stand_ins=test.stand_ins,
        created=now(),
        by=TRIGGER,
    )
    try:
        context.registry.write_install(Stored(item=install, rev=0))
    except Conflict:
        return


def _message(one: TrialRun, value: Json) -> StartMessage:
    return StartMessage(
        tenant=names.SANDBOX,
        install=one.install,
        workflow=one.workflow,
        trigger=TRIGGER,
        kind="api",
        input=value,
        id=one.install,
        actor=TRIGGER,
        tags=(TRIGGER,),
    )


def _start(one: TrialRun, test: Golden) -> StartMessage:
    return _message(one, test.input)


def _look(stored: Stored[Version], trial: Trial, tests: tuple[Golden, ...], context: PublishContext) -> dict[str, Json]:
    runs = Runs(context.settings.runs_table)
    rows: list[TrialRun] = []
    findings: list[Finding] = []
    for one, test in zip(trial.runs, tests, strict=True):
        run = _ended(runs, one)
        problems = list(_findings(one, run, test, context)) if run else []
        findings += problems
        rows.append(one.model_copy(update={"passed": not problems if run else None}))
    open_tests = [row for row in rows if row.passed is None]
    if open_tests and not findings:
        late = _late(stored.item, open_tests)
        if late:
            _stop(runs, open_tests)
            findings += late
    after = trial.model_copy(update={"runs": tuple(rows), "over": not open_tests})
    if after != trial or findings:
        stored = change_version(context, stored, trial=after, findings=_with(stored.item.findings, findings))
    if findings and (not open_tests or any(row.code == "trial.late" for row in findings)):
        raise Rejected(f"the golden tests have {len(findings)} findings", findings, where=stored.item.app)
    return {"done": not open_tests, "passed": sum(row.passed is True for row in rows), "tests": len(rows)}


def _with(before: tuple[Finding, ...], findings: list[Finding]) -> tuple[Finding, ...]:
    return (*(row for row in before if not row.code.startswith("trial.")), *findings)


def _ended(runs: Runs, one: TrialRun) -> Run | None:
    try:
        run = runs.find(names.SANDBOX, one.run).item
    except NotFound:
        return None
    return run if run.status.over else None


def _findings(one: TrialRun, run: Run, test: Golden, context: PublishContext) -> Iterator[Finding]:
    where = f"{MANIFEST}#tests.{one.test}"
    message = f"Look at the run: interlock run explain {run.id} --tenant {names.SANDBOX}"
    undecided = _undecided(run, context)
    if undecided:
        # Also where a Catch of the workflow's own took the error: what the test says of it would mean nothing.
        what = f"{one.workflow} asked people at {undecided}, and the test does not say what they decide (run {run.id})"
        fix = f'Add it to the test: approvals = {{ "{undecided}" = "approve" }}, or "reject".'
        yield Finding(code="trial.undecided", where=where, what=what, fix=fix)
        return
    if run.status is not RunStatus.SUCCEEDED:
        failed = run.failed
        state = f" in {failed.state}" if failed and failed.state else ""
        cause = f": {failed.error}: {failed.cause[:SHOWN_CHARS]}" if failed else ""
        what = f"{one.workflow} {run.status.value}{state}{cause} (run {run.id})"
        yield Finding(code="trial.failed", where=where, what=what, fix=message)
        return
    bodies = Bodies(context.settings.data_bucket, names.SANDBOX, run.id)
    output = bodies.put_back(bodies.read(run.output)) if run.output else None
    places = list(diff_values(test.expect, output))
    if not places:
        return
    parts = [f"{pointer or '/'} is {_short(b)}, expected {_short(a)}" for pointer, a, b in places[:DIFFERENCES]]
    more = f"; and {len(places) - DIFFERENCES} more" if len(places) > DIFFERENCES else ""
    what = f"{one.workflow} returned another output than expected: {'; '.join(parts)}{more} (run {run.id})"
    yield Finding(code="trial.differs", where=where, what=what, fix=message)


def _undecided(run: Run, context: PublishContext) -> str:
    """The first state that asked people and had no decision of the test; empty where there is none."""
    records = (record for _, record in Runs(context.settings.runs_table).records(run.tenant, run.id))
    rows = (row.state for row in records if row.error and row.error.name == ApprovalError.UNDECIDED)
    return next(rows, "")


def _short(value: Json) -> str:
    text = ABSENT if value == ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


def _late(version: Version, waiting: list[TrialRun]) -> list[Finding]:
    since = parse_moment(version.trial.since) if version.trial else datetime.now(UTC)
    if datetime.now(UTC) - since < timedelta(seconds=limits.TRIAL_SECONDS):
        return []
    text = ", ".join(f"{MANIFEST}#tests.{row.test}" for row in waiting)
    what = f"the golden tests did not end in {limits.TRIAL_SECONDS} s: {text}"
    fix = "Shorten the workflow; `approvals` of a test decides what it asks people."
    return [Finding(code="trial.late", where=f"{MANIFEST}#tests", what=what, fix=fix)]


def _refuse_late(version: Version) -> None:
    late = _late(version, list(version.trial.runs) if version.trial else [])
    if late:
        raise Rejected("the sandbox tenant is not ready", late, where=version.app)


def _stop(runs: Runs, waiting: list[TrialRun]) -> None:
    for one in waiting:
        try:
            run = runs.find(names.SANDBOX, one.run).item
        except NotFound:
            continue
        step_functions.stop(run.execution, "Interlock.Trial", "the trial is over")
