"""What the functions work with, each made once in a process.

Those of the control API are in `functions.api.contexts`, and the gate's is in its handler: nothing else may import it.
A process is one function and needs one or two of them, so each builder imports its parts itself.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from functions.telemetry import correlate
from interlock.contract.core.settings import (
    AlertSettings,
    ApproveSettings,
    EventLogSettings,
    FinishSettings,
    LifecycleSettings,
    OnboardSettings,
    PublishSettings,
    StartSettings,
    WebhookSettings,
)

if TYPE_CHECKING:
    from interlock.aws.tables.event_log import EventLog
    from interlock.control.events.event_replay import EventReplayContext
    from interlock.control.installs.context import InstallContext
    from interlock.control.pauses.approvals import ApprovalContext
    from interlock.control.publishing.context import PublishContext
    from interlock.control.runs.finish import FinishContext
    from interlock.control.runs.fork import ForkContext
    from interlock.control.runs.start import StartContext
    from interlock.control.tenants.onboard import OnboardContext
    from interlock.control.webhooks.alerts import AlertContext
    from interlock.control.webhooks.subscriptions import WebhookContext


@cache
def start() -> StartContext:
    """What starting a run works with."""
    from interlock.aws.tables.registry import Registry
    from interlock.aws.tables.runs import Runs
    from interlock.control.runs.start import StartContext

    config = StartSettings.read()
    return StartContext(
        runs=Runs(config.runs_table),
        registry=Registry(config.registry_table),
        bucket=config.data_bucket,
        artifacts=config.artifact_bucket,
        machine_prefix=config.machine_prefix,
        alerts=config.alert_queue,
        signing_key=config.signing_key,
        on_app=_correlate_app,
    )


@cache
def event_replay() -> EventReplayContext:
    """What replaying events works with."""
    from interlock.control.events.event_replay import EventReplayContext

    config = StartSettings.read()
    return EventReplayContext(
        table=config.runs_table, bucket=config.data_bucket, registry=start().registry, queue=config.start_queue
    )


@cache
def fork() -> ForkContext:
    """What forking the runs of a job works with."""
    from interlock.control.runs.fork import ForkContext

    config = StartSettings.read()
    return ForkContext(
        runs=start().runs,
        registry=start().registry,
        bucket=config.data_bucket,
        artifacts=config.artifact_bucket,
        queue=config.start_queue,
        gate=config.gate,
    )


@cache
def finish() -> FinishContext:
    """What finishing a run works with."""
    from interlock.aws.tables.registry import Registry
    from interlock.aws.tables.runs import Runs
    from interlock.control.runs.finish import FinishContext

    config = FinishSettings.read()
    return FinishContext(
        runs=Runs(config.runs_table),
        registry=Registry(config.registry_table),
        bucket=config.data_bucket,
        artifacts=config.artifact_bucket,
        alerts=config.alert_queue,
        starts=config.start_queue,
        trace_rate=config.trace_rate,
        on_app=_correlate_app,
    )


@cache
def approvals() -> ApprovalContext:
    """What approvals work with."""
    from interlock.aws.tables.approvals import Approvals
    from interlock.aws.tables.runs import Runs
    from interlock.control.pauses.approvals import ApprovalContext

    table = ApproveSettings.read().runs_table
    return ApprovalContext(approvals=Approvals(table), runs=Runs(table))


@cache
def installs() -> InstallContext:
    """What changes of installs and tenants work with."""
    from interlock.control.installs.context import install_context

    return install_context(LifecycleSettings.read())


@cache
def publish() -> PublishContext:
    """What publishing works with."""
    from interlock.aws.tables.registry import Registry
    from interlock.control.publishing.context import PublishContext

    config = PublishSettings.read()
    return PublishContext(registry=Registry(config.registry_table), settings=config)


@cache
def onboard() -> OnboardContext:
    """What onboarding works with."""
    from interlock.aws.tables.registry import Registry
    from interlock.control.tenants.onboard import OnboardContext

    config = OnboardSettings.read()
    return OnboardContext(registry=Registry(config.registry_table), settings=config)


@cache
def event_log() -> EventLog:
    """The archive of events."""
    from interlock.aws.tables.event_log import EventLog

    config = EventLogSettings.read()
    return EventLog(config.runs_table, config.data_bucket)


@cache
def webhooks() -> WebhookContext:
    """What webhooks work with."""
    from interlock.aws.tables.slots import Slots
    from interlock.aws.tables.webhooks import Webhooks
    from interlock.contract.webhook import DELIVERIES_AT_ONCE, SENDER_SECONDS
    from interlock.control.webhooks.subscriptions import WebhookContext

    config = WebhookSettings.read()
    return WebhookContext(
        hooks=Webhooks(config.registry_table, config.runs_table),
        bucket=config.data_bucket,
        queue=config.webhook_queue,
        slots=Slots(config.runs_table, "webhooks", DELIVERIES_AT_ONCE, SENDER_SECONDS),
        loopback=config.loopback,
    )


@cache
def alerts() -> AlertContext:
    """What alerts work with."""
    from interlock.aws.tables.registry import Registry
    from interlock.aws.tables.slots import Slots
    from interlock.contract.alert import ALERTS_AT_ONCE
    from interlock.contract.webhook import SENDER_SECONDS
    from interlock.control.webhooks.alerts import AlertContext

    config = AlertSettings.read()
    return AlertContext(
        registry=Registry(config.registry_table),
        queue=config.alert_queue,
        slots=Slots(config.runs_table, "alerts", ALERTS_AT_ONCE, SENDER_SECONDS),
        loopback=config.loopback,
    )


def _correlate_app(app: str) -> None:
    """Put the app of the run into every further line of this call."""
    correlate(app=app)
