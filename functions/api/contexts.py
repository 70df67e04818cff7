"""What the routes of the control API work with, each made once in a process."""

from functools import cache, partial

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.event_log import EventLog
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.usage import UsageRecords
from interlock.aws.tables.webhooks import Webhooks
from interlock.contract.core.settings import ApiSettings
from interlock.control.apps.signature import proof_of
from interlock.control.events.dead_letters import DeadLetterContext
from interlock.control.events.event_replay import EventReplayContext
from interlock.control.inspection.diff import DiffContext
from interlock.control.inspection.explain import ExplainContext
from interlock.control.inspection.export import ExportContext
from interlock.control.inspection.recorded_step import RecordedStepContext
from interlock.control.installs.context import InstallContext, install_context
from interlock.control.installs.views import ViewContext
from interlock.control.pauses.approvals import ApprovalContext
from interlock.control.pauses.resume import PauseContext
from interlock.control.publishing.check import CheckContext
from interlock.control.runs.fork import ForkContext
from interlock.control.runs.requests import RunRequestContext
from interlock.control.runs.verification import VerificationContext
from interlock.control.tenants.identities import IdentityContext
from interlock.control.webhooks.alerts import AlertContext
from interlock.control.webhooks.subscriptions import WebhookContext


@cache
def settings() -> ApiSettings:
    """The settings of the function."""
    return ApiSettings.read()


@cache
def registry() -> Registry:
    """The table of publishers, apps, versions, tenants and installs."""
    return Registry(settings().registry_table)


@cache
def runs() -> Runs:
    """The table of runs."""
    return Runs(settings().runs_table)


@cache
def audit_log() -> AuditLog:
    """The log of changes."""
    return AuditLog(settings().registry_table)


@cache
def usages() -> UsageRecords:
    """What runs used."""
    return UsageRecords(settings().runs_table)


@cache
def event_log() -> EventLog:
    """The archive of events."""
    return EventLog(settings().runs_table, settings().data_bucket)


@cache
def dead_letters() -> DeadLetters:
    """The dead letters and the stopped triggers."""
    return DeadLetters(settings().runs_table)


@cache
def installs() -> InstallContext:
    """What changes of installs and tenants work with."""
    return install_context(settings())


@cache
def checks() -> CheckContext:
    """What checks of apps that are not published work with."""
    bucket, gate, pause = settings().artifact_bucket, settings().gate, settings().pause
    return CheckContext(bucket=bucket, gate_arn=gate, pause_arn=pause, network=settings().network)


@cache
def alerts() -> AlertContext:
    """What alerts work with."""
    return AlertContext(registry=registry(), loopback=settings().loopback_alerts)


@cache
def approvals() -> ApprovalContext:
    """What approvals work with."""
    return ApprovalContext(approvals=Approvals(settings().runs_table), runs=runs())


@cache
def redrives() -> DeadLetterContext:
    """What redriving dead letters works with."""
    return DeadLetterContext(runs=runs(), bucket=settings().data_bucket, queue=settings().start_queue)


@cache
def replays() -> EventReplayContext:
    """What replaying events works with."""
    return EventReplayContext(
        table=settings().runs_table, bucket=settings().data_bucket, registry=registry(), queue=settings().start_queue
    )


@cache
def explanations() -> ExplainContext:
    """What explaining failures works with."""
    return ExplainContext(
        runs=runs(),
        registry=registry(),
        bucket=settings().data_bucket,
        artifacts=settings().artifact_bucket,
        history=False,
    )


@cache
def diffs() -> DiffContext:
    """What comparing runs works with."""
    return DiffContext(runs=runs(), registry=registry(), bucket=settings().data_bucket)


@cache
def recorded_steps() -> RecordedStepContext:
    """What reading recorded steps works with."""
    return RecordedStepContext(
        registry=registry(),
        runs=runs(),
        artifacts=settings().artifact_bucket,
        prove=partial(proof_of, key=settings().signing_key),
    )


@cache
def exports() -> ExportContext:
    """What exporting a run works with."""
    return ExportContext(steps=recorded_steps(), bucket=settings().data_bucket)


@cache
def starts() -> RunRequestContext:
    """What requests of runs work with."""
    return RunRequestContext(
        runs=runs(),
        registry=registry(),
        queue=settings().start_queue,
        bucket=settings().data_bucket,
        artifacts=settings().artifact_bucket,
    )


@cache
def pauses() -> PauseContext:
    """What decisions about pauses work with."""
    return PauseContext(runs=runs(), gate=settings().gate)


@cache
def identities() -> IdentityContext:
    """What making identities works with."""
    return IdentityContext(registry=registry(), pool=settings().user_pool, token_url=settings().token_url)


@cache
def forks() -> ForkContext:
    """What forking runs works with."""
    return ForkContext(
        runs=runs(),
        registry=registry(),
        bucket=settings().data_bucket,
        artifacts=settings().artifact_bucket,
        queue=settings().start_queue,
        gate=settings().gate,
    )


@cache
def verifications() -> VerificationContext:
    """What verifications work with."""
    return VerificationContext(forks=forks(), installs=installs())


@cache
def webhooks() -> WebhookContext:
    """What webhooks work with."""
    return WebhookContext(
        hooks=Webhooks(settings().registry_table, settings().runs_table),
        bucket=settings().data_bucket,
        queue=settings().webhook_queue,
        queue_arn=settings().webhook_queue_arn,
        loopback=settings().loopback_alerts,
    )


@cache
def views() -> ViewContext:
    """What reading the views of apps works with."""
    bucket, artifacts = settings().data_bucket, settings().artifact_bucket
    return ViewContext(registry=registry(), runs=runs(), bucket=bucket, artifacts=artifacts)
