"""The endpoint of copilots, `POST /v1/tenants/{tenant}/mcp`: MCP over streamable HTTP, stateless, answers in JSON."""

import json
from typing import Any

from functions.mcp.gateway import answer
from functions.mcp.protocol import server_of
from functions.telemetry import observed
from functions.tracing import traced
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.failure import Failure, Throttled
from interlock.contract.core.settings import McpSettings
from interlock.control.access.authorize import caller_of
from interlock.control.access.rate import count_caller, limit_scope
from interlock.control.copilot.call_tool import open_copilot
from interlock.control.copilot.tool import Copilot

PROBLEM = {"content-type": "application/problem+json"}


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Let the caller in, and answer one request."""
    if event["requestContext"]["http"]["method"] != "POST":
        return {"statusCode": 405, "headers": {"allow": "POST"}, "body": ""}
    copilot, table = _copilot(event), McpSettings.read().runs_table
    try:
        count_caller(table, copilot.caller.principal).require_room()
        open_copilot(copilot)
        limit_scope(table, f"tenant/{copilot.tenant}")
    except Failure as failure:
        waits = {"retry-after": str(failure.retry_after)} if isinstance(failure, Throttled) else {}
        return {"statusCode": int(failure.status), "headers": PROBLEM | waits, "body": json.dumps(failure.problem())}
    return answer(server_of(copilot), event)


def _copilot(event: dict[str, Any]) -> Copilot:
    config = McpSettings.read()
    registry = Registry(config.registry_table)
    return Copilot(
        caller=caller_of(registry, str(event["requestContext"]["authorizer"]["lambda"]["principal"])),
        tenant=str(event["pathParameters"]["tenant"]),
        registry=registry,
        runs=Runs(config.runs_table),
        bucket=config.data_bucket,
        artifacts=config.artifact_bucket,
        queue=config.start_queue,
        gate=config.gate,
    )
