"""The command line as a reader types it, against the session's platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from interlock.local.platform import Platform

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem that `--json` printed on stderr, on its last line."""
        return json.loads(self.err.strip().splitlines()[-1])


@dataclass(frozen=True)
class Cli:
    """Runs `interlock` in a process of its own."""

    home: Path

    def __call__(self, *words: str) -> Done:
        environment = os.environ | {
            "INTERLOCK_HOME": str(self.home),
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        }
        command = [sys.executable, "-c", "from interlock.cli.main import main; main()", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def ok(self, *words: str) -> Any:
        """The JSON of a command that must work."""
        done = self(*words, "--json")
        assert done.code == 0, f"{words}: {done.out}{done.err}"
        return done.json


@pytest.fixture(scope="session")
def cli(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line with a tenant `globex` and a publisher `acme`, whose clock is installed from the first."""
    found = Cli(platform.place.root)
    found.ok("up")
    found.ok("tenant", "create", "globex")
    found.ok("publisher", "create", "acme")
    clock = tmp_path_factory.mktemp("clock")
    for name, text in CLOCK.items():
        (clock / name).write_text(text)
    found.ok("app", "publish", str(clock))
    found.ok("install", "add", "acme/clock", "--yes")
    return found


@pytest.fixture(scope="module")
def own_profiles(cli: Cli) -> Iterator[None]:
    """Takes the profiles back that a module's tests added: with several tenants, every command wants to know which."""
    path = cli.home / "profiles.json"
    before = path.read_text()
    yield
    path.write_text(before)


Write = Callable[..., Path]


@pytest.fixture
def app(tmp_path: Path) -> Write:
    """Writes an app's folder: a good one, with what a test changes of it."""

    def write(name: str = "hello", version: str = "1.0.0", **files: str | None) -> Path:
        folder = tmp_path / f"{name}-{version}"
        content: dict[str, str | None] = {
            "interlock.toml": MANIFEST.replace("NAME", name).replace("VERSION", version),
            "hello/__init__.py": "",
            "hello/steps.py": STEPS,
            "config.schema.json": SCHEMA,
            "greet.schema.json": GREET,
        }
        for path, text in (content | {key.replace("__", "/"): value for key, value in files.items()}).items():
            if text is not None:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
        return folder

    return write


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
timeout_s = 8

[workflows.hello]
steps = ["greet", "shout"]

[[workflows.hello.triggers]]
tool = "greet_NAME"
input_schema = "greet.schema.json"

[[workflows.hello.triggers]]
event = "guest.arrived"

[workflows.bad]
steps = ["misbehave"]
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
        case "hang":
            threading.Event().wait(20)
        case "nan":
            return {"x": float("nan")}
        case _:
            return object()
'''
