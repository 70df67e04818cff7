"""Two apps: one that greets, with what a test changes of it, and a clock."""

from __future__ import annotations

CLOCK = {
    "interlock.toml": """
[app]
id = "acme/clock"
version = "1.0.0"
title = "Clock"
category = "automation"

[steps.tick]
handler = "clock:tick"

[workflows.tick]
steps = ["tick"]

[[workflows.tick.triggers]]
schedule = "rate(1 minute)"
""",
    "clock.py": """
from interlock import Context, step


@step
def tick(value: dict, ctx: Context) -> dict:
    return {"at": value["scheduled_at"], "by": ctx.trigger.name}
""",
}


SCHEMA = '{"type": "object", "properties": {"greeting": {"type": "string"}}, "additionalProperties": false}'


GREET = '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}'


MANIFEST = """
[app]
id = "acme/NAME"
version = "VERSION"
title = "Hello"
category = "automation"

[permissions]
catalog = ["read"]
secrets = ["api_key"]
state = true

[config]
schema = "config.schema.json"

[steps.greet]
handler = "hello.steps:greet"

[steps.shout]
handler = "hello.steps:shout"

[steps.misbehave]
handler = "hello.steps:misbehave"

[steps.hang]
handler = "hello.steps:hang"
timeout_s = 4

[workflows.hello]
steps = ["greet", "shout"]

[[workflows.hello.triggers]]
tool = "greet_NAME"
input_schema = "greet.schema.json"

[[workflows.hello.triggers]]
event = "guest.arrived"

[workflows.bad]
steps = ["misbehave"]

[workflows.stuck]
steps = ["hang"]
"""


STEPS = '''
import os
import threading

from interlock import Context, step


@step
def greet(value: dict, ctx: Context) -> dict:
    """Greet who is named, or who arrived."""
    name = value.get("name") or value.get("data", {}).get("name", "you")
    return {"text": f"{ctx.config.get('greeting', 'Hello')}, {name}", "secret": ctx.secrets.get("api_key") is not None}


@step
def shout(value: dict) -> dict:
    """Say it louder."""
    return {**value, "text": value["text"].upper()}


@step
def misbehave(value: dict) -> object:
    """Do what a step should not."""
    match value.get("do"):
        case "raise":
            password = "hunter2-not-for-eyes"
            raise LookupError(f"no such guest {value['name']}")
        case "exit":
            os._exit(3)
        case "nan":
            return {"x": float("nan")}
        case _:
            return object()


@step
def hang(value: dict) -> dict:
    """Take longer than it may."""
    threading.Event().wait(20)
    return value
'''
