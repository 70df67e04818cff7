"""The MCP Inspector's CLI against `interlock mcp`: list the tools, start a workflow, wait, explain its failure.

Over stdio: on this platform an API is told apart by the Host header, which Node's fetch does not let a client set.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from interlock.cli.terminal.profiles import Profiles
from interlock.local.node import ensure_script
from interlock.local.platform import Platform
from tests.support.cli import ROOT, Cli
from tests.support.hello_app import MANIFEST, SCHEMA, STEPS

INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
SCRIPT = "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
DEADLINE_S = 60.0
Inspect = Callable[..., Any]


@pytest.fixture(scope="module")
def inspect(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Inspect:
    """Runs the Inspector's CLI as a tenant whose one app fails, and reads what it prints."""
    folder = tmp_path_factory.mktemp("inspector")
    Cli(platform.place.root).ok("up")
    # Profiles of its own: other tests take the one tenant that is signed in.
    known = Profiles.model_validate_json((platform.place.root / "profiles.json").read_text()).profiles.values()
    operators = {one.name: one for one in known if one.kind == "operator"}
    (folder / "profiles.json").write_text(Profiles(profiles=operators).model_dump_json())
    cli = Cli(folder)
    cli.ok("tenant", "create", "initech")
    cli.ok("publisher", "create", "initrode")
    manifest = MANIFEST.replace("acme/NAME", "initrode/tps").replace("greet_NAME", "greet").replace("VERSION", "1.0.0")
    files = {"interlock.toml": manifest, "hello/__init__.py": "", "hello/steps.py": STEPS}
    files |= {"config.schema.json": SCHEMA, "greet.schema.json": '{"type": "object"}'}
    for name, text in files.items():
        (folder / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "app" / name).write_text(text)
    cli.ok("app", "publish", str(folder / "app"), "--as", "initrode")
    cli.ok("install", "add", "initrode/tps", "--yes", "--as", "initech")
    (folder / "mcp.json").write_text(cli("mcp", "--config", "--as", "initech").out)
    node, script = ensure_script(ROOT / ".interlock" / "inspector", INSPECTOR, SCRIPT)
    environment = os.environ | {
        "HOME": str(folder),
        "MCP_INSPECTOR_SECRET_STORE": "memory",
        "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}",
    }
    where = ["--config", str(folder / "mcp.json"), "--server", "interlock-initech"]

    def run(method: str, *arguments: str) -> Any:
        command = [str(node), str(script), "--cli", *where, "--method", method, *arguments]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout.strip(), done.stderr
        return json.loads(done.stdout) | {"code": done.returncode, "said": done.stderr}

    return run


def call(inspect: Inspect, tool: str, **arguments: Any) -> dict[str, Any]:
    pairs = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in arguments.items()]
    return inspect("tools/call", "--tool-name", tool, "--tool-arg", *pairs)


def test_the_tools_are_listed_and_their_schemas_taken_everywhere(inspect: Inspect) -> None:
    """`--strict` exits with an error where a schema is one that some model's API refuses."""
    result = inspect("tools/list", "--strict")
    assert result["code"] == 0, result["said"]
    assert "Warning: tool" not in result["said"]
    names = {tool["name"] for tool in result["tools"]}
    assert names >= {"search_assets", "start_workflow", "run_status", "explain_run", "initrode__greet"}
    hints = {tool["name"]: tool["annotations"] for tool in result["tools"]}
    assert hints["resume_pause"]["destructiveHint"]
    assert hints["run_status"]["readOnlyHint"]


def test_start_a_workflow_wait_and_explain_its_failure(inspect: Inspect) -> None:
    request = {"do": "raise", "name": "Milton"}
    started = call(inspect, "start_workflow", app="initrode/tps", workflow="bad", input=request)
    run = started["structuredContent"]["run"]
    assert started["structuredContent"]["next"]["tool"] == "run_status"
    end = time.monotonic() + DEADLINE_S
    status: dict[str, Any] = {}
    while time.monotonic() < end and not status.get("over"):
        status = call(inspect, "run_status", run=run)["structuredContent"]
        threading.Event().wait(0.2)
    assert status["status"] == "failed"
    events = call(inspect, "explain_run", run=run)["structuredContent"]
    line = next(number for number, text in enumerate(STEPS.split("\n"), 1) if "raise LookupError" in text)
    assert (events["file"], events["line"], events["error"]) == ("hello/steps.py", line, "LookupError")


def test_a_refusal_is_a_result_that_says_what_to_do(inspect: Inspect) -> None:
    refused = call(inspect, "explain_run", run="nothing")
    assert refused["isError"]
    assert refused["_meta"]["interlock/problem"]["code"] == "not-found"
