"""Routes of runs, pauses and tools."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, number, registry, runs, settings, word
from interlock.contract.run_request import RunRequest, ToolCall
from interlock.control.inspection.outlines import list_outlines
from interlock.control.inspection.search import read_filter, search_runs
from interlock.control.runs.requests import PAGE, call_tool, list_steps, request_run, show_run


@app.get("/v1/tenants/<tenant>/runs")
def listed(tenant: str) -> Response[str]:
    """A page of the runs that pass the filters, newest first; fewer than `limit` may come with a cursor."""
    caller("readRuns", f"tenant/{tenant}")
    words = {
        "app": word("app"),
        "version": word("version"),
        "workflow": word("workflow"),
        "status": word("status"),
        "state": word("state"),
        "error": word("error"),
        "fingerprint": word("fingerprint"),
        "tag": word("tag"),
        "since": word("since"),
        "until": word("until"),
        "longer": word("longer"),
        "shorter": word("shorter"),
        "input": word("input"),
    }
    limit, cursor = number("limit", PAGE), word("cursor") or None
    return ok(search_runs(runs(), settings().data_bucket, tenant, read_filter(words), limit, cursor))


@app.post("/v1/tenants/<tenant>/runs")
def start(tenant: str) -> Response[str]:
    """Ask for a run."""
    by = caller("startRuns", f"tenant/{tenant}")
    asked, words = RunRequest.model_validate_json(body()), settings()
    return ok(
        request_run(
            runs(), registry(), words.start_queue, words.data_bucket, registry().tenant(tenant).id, asked, by.principal
        ),
        202,
    )


@app.get("/v1/tenants/<tenant>/runs/<run>")
def shown(tenant: str, run: str) -> Response[str]:
    """One run."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(show_run(runs(), settings().data_bucket, tenant, run, whole=word("whole") == "true"))


@app.get("/v1/tenants/<tenant>/runs/<run>/steps")
def steps(tenant: str, run: str) -> Response[str]:
    """A page of a run's step records; `outline` answers what tells visits apart, without bodies and effects."""
    caller("readRuns", f"tenant/{tenant}")
    cursor = word("cursor") or None
    if word("outline") == "true":
        return ok(list_outlines(runs(), tenant, run, cursor), short=True)
    words = {"whole": word("whole") == "true", "newest": word("newest") == "true"}
    return ok(list_steps(runs(), settings().data_bucket, tenant, run, limit=number("limit", 0), cursor=cursor, **words))


@app.post("/v1/tenants/<tenant>/tools/<tool>")
def tool_call(tenant: str, tool: str) -> Response[str]:
    """Call a tool: starts its workflow."""
    by = caller("startRuns", f"tenant/{tenant}")
    asked = ToolCall.model_validate_json(body())
    words = settings()
    return ok(
        call_tool(
            runs(),
            registry(),
            words.start_queue,
            words.data_bucket,
            tenant,
            tool,
            asked.arguments,
            asked.key,
            by.principal,
        ),
        202,
    )
