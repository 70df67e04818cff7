"""Routes of replays: events of the archive, sent to one install again."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry, settings
from interlock.contract.event_replay import ReplayRequest
from interlock.control.events.event_replay import Replayer, request_replay, show_replay


def replayer() -> Replayer:
    """What replaying works with."""
    words = settings()
    return Replayer(table=words.runs_table, bucket=words.data_bucket, registry=registry(), queue=words.start_queue)


@app.post("/v1/tenants/<tenant>/replays")
def replay_begun(tenant: str) -> Response[str]:
    """Begin a replay, or a dry count of one; the same words and key again answer the one that was begun."""
    by = caller("redriveEvents", f"tenant/{tenant}")
    return ok(request_replay(replayer(), tenant, ReplayRequest.model_validate_json(body()), by.principal), 202)


@app.get("/v1/tenants/<tenant>/replays/<replay>")
def replay_shown(tenant: str, replay: str) -> Response[str]:
    """A replay, and how far it has come."""
    caller("readEvents", f"tenant/{tenant}")
    return ok(show_replay(replayer(), tenant, replay))
