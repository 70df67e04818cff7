"""Routes of dead letters: starts that did not become runs, and triggers that fed themselves and were stopped."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, number, runs, settings, word
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.contract.dead_letter import CELL, DeadState, TriggerRef
from interlock.control.events.dead_letters import (
    PAGE,
    DeadDesk,
    drop_dead,
    list_dead,
    list_dead_of_app,
    read_state,
    redrive_dead,
    show_dead,
)
from interlock.control.runs.loops import start_trigger, stopped_triggers


def desk() -> DeadDesk:
    """What looking after dead letters works with."""
    return DeadDesk(runs=runs(), bucket=settings().data_bucket, queue=settings().start_queue)


@app.get("/v1/tenants/<tenant>/dead")
def dead_listed(tenant: str) -> Response[str]:
    """A page of a tenant's dead letters, or of one install's, newest first."""
    caller("readEvents", f"tenant/{tenant}")
    state, limit, cursor = read_state(word("state", DeadState.DEAD.value)), number("limit", PAGE), word("cursor")
    return ok(list_dead(desk(), tenant, state, install=word("install"), limit=limit, cursor=cursor or None))


@app.get("/v1/tenants/<tenant>/dead/<letter>")
def dead_shown(tenant: str, letter: str) -> Response[str]:
    """A dead letter with its payload, and the run that it became after all."""
    caller("readEvents", f"tenant/{tenant}")
    return ok(show_dead(desk(), tenant, letter))


@app.post("/v1/tenants/<tenant>/dead/<letter>/redrive")
def dead_redriven(tenant: str, letter: str) -> Response[str]:
    """Put a start back on the queue, with the ids that it had."""
    by = caller("redriveEvents", f"tenant/{tenant}")
    return ok(redrive_dead(desk(), tenant, letter, by.principal), 202)


@app.post("/v1/tenants/<tenant>/dead/<letter>/drop")
def dead_dropped(tenant: str, letter: str) -> Response[str]:
    """Give a start up."""
    by = caller("redriveEvents", f"tenant/{tenant}")
    return ok(drop_dead(desk(), tenant, letter, by.principal))


@app.get("/v1/tenants/<tenant>/triggers:stopped")
def triggers_stopped(tenant: str) -> Response[str]:
    """The triggers that are stopped, because they fed themselves."""
    caller("readEvents", f"tenant/{tenant}")
    found = stopped_triggers(DeadLetters(settings().runs_table), tenant)
    return ok({"triggers": [row.model_dump(mode="json") for row in found]})


@app.post("/v1/tenants/<tenant>/triggers:start")
def trigger_started(tenant: str) -> Response[str]:
    """Let a stopped trigger start runs again."""
    caller("redriveEvents", f"tenant/{tenant}")
    asked = TriggerRef.model_validate_json(body())
    letters = DeadLetters(settings().runs_table)
    return ok(start_trigger(letters, tenant, asked.install, asked.workflow, asked.trigger))


@app.get("/v1/publishers/<publisher>/apps/<name>/dead")
def dead_of_app(publisher: str, name: str) -> Response[str]:
    """A page of an app's dead letters in every tenant, newest first, without payloads."""
    caller("readVersions", f"publisher/{publisher}")
    state, limit, cursor = read_state(word("state", DeadState.DEAD.value)), number("limit", PAGE), word("cursor")
    return ok(list_dead_of_app(desk(), f"{publisher}/{name}", state, limit=limit, cursor=cursor or None))


@app.get("/v1/dead")
def dead_of_cell() -> Response[str]:
    """A page of what stood on the queue of starts and nobody could read; for the operator."""
    caller("readCell")
    state, limit, cursor = read_state(word("state", DeadState.DEAD.value)), number("limit", PAGE), word("cursor")
    return ok(list_dead(desk(), CELL, state, limit=limit, cursor=cursor or None))


@app.get("/v1/dead/<letter>")
def dead_of_cell_shown(letter: str) -> Response[str]:
    """One of them, with what stood there."""
    caller("readCell")
    return ok(show_dead(desk(), CELL, letter))


@app.post("/v1/dead/<letter>/drop")
def dead_of_cell_dropped(letter: str) -> Response[str]:
    """Give one of them up."""
    return ok(drop_dead(desk(), CELL, letter, caller("readCell").principal))
