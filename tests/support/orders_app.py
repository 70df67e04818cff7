"""The app of the console's tests: orders that fail for large amounts in 1.0.0, which 1.1.0 mends, with an approval."""

from __future__ import annotations

import json
from pathlib import Path

MANIFEST = """
[app]
id = "acme/orders"
version = "VERSION"
title = "Orders"
summary = "Books orders, and asks before large ones."
category = "automation"

[permissions]
catalog = ["read"]
PERMISSIONS

[config]
schema = "config.schema.json"

[steps.check]
handler = "orders:check"

[steps.book]
handler = "orders:book"

[workflows.process]
steps = ["check", "book"]
title = "Order {input.number}"

[workflows.ask]
definition = "ask.asl.json"

[workflows.shape]
definition = "shape.asl.json"

[[workflows.process.triggers]]
event = "order.placed"
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "limit": {"type": "integer", "title": "Limit", "description": "Orders above it are large.", "default": 100}
    },
    "required": ["limit"],
    "additionalProperties": False,
}
ASK = {
    "QueryLanguage": "JSONata",
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Task", "Resource": "${check}", "Next": "Ask"},
        "Ask": {
            "Type": "Task",
            "Resource": "${platform.approve}",
            "Arguments": {
                "question": "May this order be booked?",
                "approvers": ["admin"],
                "deadline": "P1D",
                "data": {"number": "{% $states.input.number %}"},
            },
            "Output": "{% $states.input %}",
            "Next": "Book",
        },
        "Book": {"Type": "Task", "Resource": "${book}", "End": True},
    },
}
SHAPE = {
    "StartAt": "Check",
    "States": {
        "Check": {
            "Type": "Task",
            "Resource": "${check}",
            "InputPath": "$.order",
            "ResultSelector": {"total.$": "$.amount"},
            "ResultPath": "$.checked",
            "Next": "Size",
        },
        "Size": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.checked.total", "NumericGreaterThan": 100, "Next": "Large"}],
            "Default": "Small",
        },
        "Large": {"Type": "Pass", "End": True},
        "Small": {"Type": "Pass", "End": True},
    },
}
STEPS = '''
from interlock import Context, step


@step
def check(value: dict, ctx: Context) -> dict:
    """The order as it was placed."""
    order = value.get("data", value)
    print(f"order {order['number']} of {order['amount']}")
    return {"number": order["number"], "amount": order["amount"]}


@step
def book(value: dict, ctx: Context) -> dict:
    """Book an order."""
    limit = ctx.config["limit"]
    BODY
    ctx.summary(f"booked {value['amount']}")
    return {"booked": value["number"], "share": share}
'''
FAILS = "share = value['amount'] / max(0, limit - value['amount'])"
MENDED = "share = value['amount'] / max(1, limit - value['amount'])"


def write_orders(folder: Path, version: str) -> Path:
    """The app's folder in a version: 1.0.0 fails where an amount is the limit or more; later ones do not."""
    first = version == "1.0.0"
    permissions = "" if first else 'emit = ["order.booked"]'
    files = {
        "interlock.toml": MANIFEST.replace("VERSION", version).replace("PERMISSIONS", permissions),
        "config.schema.json": json.dumps(SCHEMA),
        "ask.asl.json": json.dumps(ASK),
        "shape.asl.json": json.dumps(SHAPE),
        "orders.py": STEPS.replace("BODY", FAILS if first else MENDED),
    }
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder
