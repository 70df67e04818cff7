"""What the routes of the control API work with, each made once in a process."""

from functools import cache

from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.event_log import EventLog
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.usage import Usages
from interlock.aws.tables.webhooks import Hooks
from interlock.contract.core.settings import ApiSettings
from interlock.control.events.dead_letters import DeadDesk
from interlock.control.events.event_replay import Replayer
from interlock.control.inspection.explain import Explainer
from interlock.control.installs.context import Life, life_of
from interlock.control.pauses.approvals import Desk
from interlock.control.runs.fork import Forker
from interlock.control.webhooks.alerts import Alerts
from interlock.control.webhooks.subscriptions import Webhooks


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
def usages() -> Usages:
    """What runs used."""
    return Usages(settings().runs_table)


@cache
def event_log() -> EventLog:
    """The archive of events."""
    return EventLog(settings().runs_table, settings().data_bucket)


@cache
def dead_letters() -> DeadLetters:
    """The dead letters and the stopped triggers."""
    return DeadLetters(settings().runs_table)


@cache
def installs() -> Life:
    """What changes of installs and tenants work with."""
    return life_of(settings())


@cache
def alerts() -> Alerts:
    """What alerts work with."""
    return Alerts(registry=registry(), loopback=settings().loopback_alerts)


@cache
def approvals() -> Desk:
    """What approvals work with."""
    return Desk(approvals=Approvals(settings().runs_table), runs=runs())


@cache
def redrives() -> DeadDesk:
    """What redriving dead letters works with."""
    return DeadDesk(runs=runs(), bucket=settings().data_bucket, queue=settings().start_queue)


@cache
def replays() -> Replayer:
    """What replaying events works with."""
    return Replayer(
        table=settings().runs_table, bucket=settings().data_bucket, registry=registry(), queue=settings().start_queue
    )


@cache
def explanations() -> Explainer:
    """What explaining failures works with."""
    return Explainer(
        runs=runs(),
        registry=registry(),
        bucket=settings().data_bucket,
        artifacts=settings().artifact_bucket,
        history=False,
    )


@cache
def forks() -> Forker:
    """What forking runs works with."""
    return Forker(
        runs=runs(),
        registry=registry(),
        bucket=settings().data_bucket,
        artifacts=settings().artifact_bucket,
        queue=settings().start_queue,
        gate=settings().gate,
    )


@cache
def webhooks() -> Webhooks:
    """What webhooks work with."""
    return Webhooks(
        hooks=Hooks(settings().registry_table, settings().runs_table),
        bucket=settings().data_bucket,
        queue=settings().webhook_queue,
        queue_arn=settings().webhook_queue_arn,
        loopback=settings().loopback_alerts,
    )
