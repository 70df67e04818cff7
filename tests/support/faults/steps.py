"""Steps that fail in many ways. `# stop: NAME` marks the line on which the debugger has to stop."""

import asyncio
import os
import signal
import sys

from pydantic import BaseModel

from interlock import Context, step


class Order(BaseModel):
    id: int


@step
def divide(value: dict, ctx: Context) -> dict:
    """Divides, after a read and a write."""
    ctx.state.put("seen", value)
    found = ctx.catalog.get("wh/none")
    ctx.emit("order.seen", {"n": 1})
    total = value["total"]
    return {"share": 1 / (total - total), "found": found}  # stop: divide


def pick(rows: list, at: int) -> dict:
    return rows[at]  # stop: helper


@step
def helper(value: dict) -> dict:
    return {"n": pick(value["rows"], 3)}


@step
async def later(value: dict) -> dict:
    await asyncio.sleep(0)
    raise LookupError(value["name"])  # stop: later


@step
def item(value: dict) -> dict:
    return {"n": 100 // value["n"]}  # stop: item


@step
def typed(order: Order) -> dict:
    """Takes an order."""
    return {"id": order.id}  # stop: typed


@step
def leave(value: dict) -> dict:
    sys.exit(3)  # stop: leave


@step
def die(value: dict) -> dict:
    sys.stdout.write("about to die\n")  # stop: die
    os._exit(4)


@step
def kill(value: dict) -> dict:
    number = signal.SIGKILL  # stop: kill
    os.kill(os.getpid(), number)
    return {}


@step
def nonsense(value: dict) -> dict:
    x = float("nan")  # stop: nonsense
    return {"x": x}


@step
def secret(value: dict, ctx: Context) -> dict:
    key = ctx.secrets["api_key"]  # stop: secret
    return {"n": len(key)}


@step
def slow(value: dict) -> dict:
    name = value["name"]  # stop: slow
    signal.pause()
    return {"name": name}


@step
def fine(value: dict) -> dict:
    """Does no harm."""
    n = value["n"] + 1  # stop: fine
    return {"n": n}


@step
def flaky(value: dict, ctx: Context) -> dict:
    raise ValueError(f"attempt {ctx.attempt}")  # stop: flaky


@step
def library(value: dict) -> dict:
    return Order.model_validate(value).model_dump()  # stop: library
