"""Routes that say why runs failed."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, caller, number, registry, runs, settings, word
from interlock.control.inspection.explain import Explainer, read_explanation
from interlock.control.inspection.search import PAGE, list_failures


def explainer() -> Explainer:
    """What explaining works with."""
    words = settings()
    return Explainer(
        runs=runs(), registry=registry(), bucket=words.data_bucket, artifacts=words.artifact_bucket, history=False
    )


@app.get("/v1/tenants/<tenant>/runs/<run>/explain")
def explained(tenant: str, run: str) -> Response[str]:
    """Why a run failed: the first cause, what it read, what differs from the last good run; also as text."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(read_explanation(explainer(), tenant, run))


@app.get("/v1/tenants/<tenant>/failures")
def failures(tenant: str) -> Response[str]:
    """A page of failures grouped by fingerprint, with count, first and last, the group that failed last first."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(list_failures(runs(), tenant, number("limit", PAGE), word("cursor") or None))
