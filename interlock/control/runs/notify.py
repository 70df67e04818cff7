"""Notifies a tenant of the end of a run: an event on its bus, and its alert if the run failed."""

from contextlib import suppress

from interlock.aws.services import queues
from interlock.aws.services.event_bus import put_event
from interlock.contract.core.base import now
from interlock.contract.core.failure import NotFound
from interlock.contract.event import RUNS_SOURCE, RunDetail, RunEvent
from interlock.contract.explain import Explanation
from interlock.contract.run import Run, RunStatus
from interlock.debugger.explain_text import EVENT_CHARS, explain_text


def notify_end(run: Run, explanation: Explanation | None, alerts: str) -> None:
    """Send the event that a run is over. A second call sends the same id again. A dry run sends nothing.

    Args:
        run: the run.
        explanation: why it failed, where that was found out.
        alerts: the queue of alerts; empty where there is none.
    """
    if run.dry:
        return
    kind = {RunStatus.SUCCEEDED: RunEvent.SUCCEEDED}.get(run.status, RunEvent.FAILED)
    detail = RunDetail(
        id=f"{run.id}:{kind.value}",
        type=kind,
        tenant=run.tenant,
        at=run.ended or now(),
        run=run.id,
        app=run.app,
        install=run.install,
        install_name=run.install_name,
        version=run.version,
        workflow=run.workflow,
        failed=run.failed,
        debug=f"interlock run debug {run.id}" if run.failed else "",
        place=explanation.place if explanation else "",
        fingerprint=run.fingerprint,
        explanation=explain_text(explanation, EVENT_CHARS) if explanation else "",
        cause=run.cause(),
    )
    with suppress(NotFound):
        # A tenant that is gone has no bus, and nobody there to notify.
        put_event(run.tenant, RUNS_SOURCE, kind.value, detail.model_dump_json())
    if run.status is RunStatus.FAILED and alerts:
        queues.send(alerts, detail.model_dump_json(), detail.tenant)


def notify_loop(detail: RunDetail, alerts: str) -> None:
    """Send the event that a trigger was stopped because its own runs caused its events."""
    put_event(detail.tenant, RUNS_SOURCE, detail.type.value, detail.model_dump_json())
    if alerts:
        queues.send(alerts, detail.model_dump_json(), detail.tenant)
