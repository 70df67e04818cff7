"""An app whose workflows each fail in another way, with where each one's first cause is."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.support.kit import bundle, single, task

CODE = """
import asyncio
import os
import threading

from pydantic import BaseModel

from interlock import Context, RetryableError, step


class Order(BaseModel):
    number: int
    lines: list[dict]


@step
def load(value: dict, ctx: Context) -> dict:
    customer = {"name": "Ada", "email": None}
    return {"customer": customer, "orders": [{"lines": [{"price": 2}]}, {"lines": [{"qty": 1}]}], "n": "7"}


@step
def total(value: dict) -> dict:
    return {"total": sum(price_of(order) for order in value["orders"])}


def price_of(order: dict) -> float:
    first = order["lines"][0]
    return first["price"]  # RAISES total


@step
def pass_on(value: dict) -> dict:
    return {**value, "seen": True}


@step
def mail(value: dict) -> dict:
    to = value["customer"]["email"]
    return {"to": to.lower()}  # RAISES mail


@step
async def later(value: dict) -> dict:
    await asyncio.sleep(0)
    return {"n": int(value["n"]) // value.get("by", 0)}  # RAISES later


@step
def typed(order: Order) -> dict:  # DEF typed
    return {"n": order.number}


@step
def nonsense(value: dict) -> dict:  # DEF nonsense
    return {"x": float("nan")}


@step
def leave(value: dict) -> dict:  # DEF leave
    os._exit(3)


@step
def killed(value: dict) -> dict:  # DEF killed
    os.kill(os.getpid(), 9)


@step
def hang(value: dict) -> dict:  # DEF hang
    threading.Event().wait(30)
    return {}


@step
def flaky(value: dict, ctx: Context) -> dict:
    if ctx.state.get("charged"):
        raise RetryableError("busy", name="Bank.Unavailable")
    ctx.state.put("charged", 1)
    raise ValueError("card refused")  # RAISES flaky


@step
def secretive(value: dict, ctx: Context) -> dict:
    return {"key": ctx.secrets.get("api_key").strip()}  # RAISES secretive


@step
def item(value: dict) -> dict:
    return {"half": 10 / value["n"]}  # RAISES item


@step
def quick(value: dict) -> dict:
    return {"ok": True}


@step
def wants_b(value: dict) -> dict:
    return {"b": value["b"]}  # RAISES wants_b
"""
STEPS = ("load", "total", "pass_on", "mail", "later", "typed", "nonsense", "leave", "flaky", "secretive", "item")
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}]
Raw = dict[str, Any]


class Bug(NamedTuple):
    """One broken workflow: where explain must point, and what its text must say."""

    workflow: Raw
    value: Any
    state: str
    place: str
    """The mark of a line in CODE, or `asl:STATE` for the line of a state in the workflow's own file."""
    says: tuple[str, ...] = ()


def _chain(*steps: str) -> Raw:
    names = [name.title() for name in steps]
    states = {
        name: task(step, **({"Next": names[at + 1]} if at + 1 < len(names) else {}))
        for at, (name, step) in enumerate(zip(names, steps, strict=True))
    }
    return {"StartAt": names[0], "States": states}


def _each(inner: Raw, path: str, **more: Any) -> Raw:
    return {"Type": "Map", "ItemsPath": path, "ItemProcessor": inner, **more}


BUGS: dict[str, Bug] = {
    "helper": Bug(_chain("load", "total"), {}, "Total", "RAISES total", ("orders[1].lines[0].price = <missing>",)),
    "upstream": Bug(
        _chain("load", "pass_on", "mail"),
        {},
        "Mail",
        "RAISES mail",
        ("customer.email = None  (null)  <- Load: customer.email",),
    ),
    "asynchronous": Bug(_chain("load", "later"), {}, "Later", "RAISES later", ("ZeroDivisionError",)),
    "schema": Bug(single(task("typed")), {"number": "x", "lines": []}, "Only", "DEF typed", ("number = x",)),
    "nonsense": Bug(single(task("nonsense")), {}, "Only", "DEF nonsense", ("nan",)),
    "exits": Bug(single(task("leave")), {}, "Only", "DEF leave", ("exit status 3",)),
    "hangs": Bug(single(task("hang")), {}, "Only", "DEF hang", ("States.Timeout",)),
    "retries": Bug(
        single(task("flaky", Retry=RETRY)),
        {},
        "Only",
        "RAISES flaky",
        ("card refused", "Bank.Unavailable", "attempt 1 of 2"),
    ),
    "secret": Bug(single(task("secretive")), {}, "Only", "RAISES secretive", ("secret.get",)),
    "caught": Bug(
        {
            "StartAt": "Mail",
            "States": {
                "Mail": task(
                    "mail", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Cleanup", "ResultPath": "$.error"}]
                ),
                "Cleanup": task("quick", Next="Give up", ResultPath="$.clean"),
                "Give up": {"Type": "Fail", "Error": "Order.Failed", "Cause": "could not be mailed"},
            },
        },
        {"customer": {"email": None}},
        "Mail",
        "RAISES mail",
        ("Order.Failed", "customer.email"),
    ),
    "cleanup": Bug(
        {
            "StartAt": "Mail",
            "States": {
                "Mail": task("mail", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Cleanup"}], Next="Done"),
                "Cleanup": task("wants_b"),
                "Done": {"Type": "Succeed"},
            },
        },
        {"customer": {"email": None}},
        "Mail",
        "RAISES mail",
        ("Cleanup failed with KeyError",),
    ),
    "parallel": Bug(
        {
            "StartAt": "Both",
            "States": {
                "Both": {
                    "Type": "Parallel",
                    "Branches": [single(task("quick")), {"StartAt": "Bad", "States": {"Bad": task("wants_b")}}],
                    "End": True,
                }
            },
        },
        {},
        "Bad",
        "RAISES wants_b",
        ("in Both",),
    ),
    "each": Bug(
        {"StartAt": "Each", "States": {"Each": _each(single(task("item")), "$.rows", End=True)}},
        {"rows": [{"n": 1}, {"n": 2}, {"n": 0}]},
        "Only[2]",
        "RAISES item",
        ("in Each", "n = 0", "run: rows[2].n"),
    ),
    "nested": Bug(
        {
            "StartAt": "Outer",
            "States": {
                "Outer": _each(
                    {"StartAt": "Inner", "States": {"Inner": _each(single(task("item")), "$.rows", End=True)}},
                    "$.groups",
                    Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Stop"}],
                    End=True,
                ),
                "Stop": {"Type": "Fail", "Error": "Stopped"},
            },
        },
        {"groups": [{"rows": [{"n": 1}]}, {"rows": [{"n": 2}, {"n": 0}]}]},
        "Only[1]",
        "RAISES item",
        ("Outer > Inner", "Stopped"),
    ),
    "choice": Bug(
        {
            "StartAt": "Pick",
            "States": {
                "Pick": {"Type": "Choice", "Choices": [{"Variable": "$.kind", "StringEquals": "b", "Next": "B"}]},
                "B": task("quick"),
            },
        },
        {"kind": "c"},
        "Pick",
        "asl:Pick",
        ("NoChoiceMatched",),
    ),
    "wrong_branch": Bug(
        {
            "StartAt": "Pick",
            "States": {
                "Pick": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.kind", "IsPresent": True, "Next": "B"}],
                    "Default": "A",
                },
                "A": task("quick"),
                "B": task("wants_b"),
            },
        },
        {"kind": "a", "a": 1},
        "B",
        "RAISES wants_b",
        ("b = <missing>",),
    ),
    "expression": Bug(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "Ready",
            "States": {
                "Ready": task("quick", Next="Compute"),
                "Compute": {"Type": "Pass", "Output": "{% $number('x') %}", "Next": "Last"},
                "Last": {"Type": "Succeed"},
            },
        },
        {},
        "Compute",
        "asl:Compute",
        (),
    ),
    "arguments": Bug(
        {
            "QueryLanguage": "JSONata",
            "StartAt": "First",
            "States": {
                "First": task("quick", Assign={"seen": "{% $states.result.ok %}"}, Next="Second"),
                "Second": task("quick", Arguments={"x": "{% $number($string($seen)) %}"}),
            },
        },
        {},
        "Second",
        "asl:Second",
    ),
    "signal": Bug(single(task("killed")), {}, "Only", "DEF killed", ("signal: 9",)),
    "refused": Bug(
        {
            "StartAt": "Look",
            "States": {
                "Look": task("quick", Next="No"),
                "No": {"Type": "Fail", "Error": "Refused", "Cause": "by rule"},
            },
        },
        {},
        "No",
        "asl:No",
        ("Refused: by rule",),
    ),
}
ALSO_STEPS = ("quick", "wants_b", "killed")


def files() -> dict[str, str]:
    """The app; its definitions are indented, so that each state has a line of its own."""
    flows = {name: bug.workflow for name, bug in BUGS.items()} | {"caught_good": _chain("mail")}
    steps = dict.fromkeys((*STEPS, *ALSO_STEPS), "") | {"hang": "timeout_s = 2\nmemory_mb = 128"}
    more = '\n[permissions]\nstate = true\nsecrets = ["api_key"]\n'
    subject = bundle(CODE, steps, flows, more)
    texts = {name: json.dumps(flow, indent=2, ensure_ascii=False) for name, flow in flows.items()}
    return subject | {f"workflows/{name}.asl.json": text for name, text in texts.items()}


def place(name: str, result: dict[str, str]) -> str:
    """The `file:line` that explain must say of a bug."""
    mark = BUGS[name].place
    file = f"workflows/{name}.asl.json" if mark.startswith("asl:") else "steps.py"
    wanted = f'"{mark[4:]}": {{' if mark.startswith("asl:") else f"# {mark}"
    line = next(at for at, text in enumerate(result[file].split("\n"), 1) if text.rstrip().endswith(wanted))
    return f"{file}:{line}"
