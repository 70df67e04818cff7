"""An export that is asked for, and awaited."""

import threading

from interlock import Context, step

DONE = ("succeeded", "failed", "canceled")


@step
def ask(value: dict, ctx: Context) -> dict:
    ctx.state.put("export", {"id": value["export"], "status": "canceled"})
    return {"export": value["export"]}


@step
def wait(value: dict, ctx: Context) -> dict:
    status = "running"
    pause = threading.Event()
    while status not in DONE:
        pause.wait(0.2)
        status = ctx.state.get("export")["status"]
    return {"export": value["export"], "status": status}
