"""A coding agent as publisher, by the official client: three bugs from the failed run to the run that is mended.

The test is the agent: it reads what the tools answer, and its only other act is to save the changed file. A person's
only act is to say yes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import ClientSession, StdioServerParameters
from mcp.client.session import ElicitationFnT
from mcp.client.stdio import stdio_client
from mcp.shared.context import RequestContext
from mcp.types import ElicitRequestParams, ElicitResult

from scripts.scoring.apps import BROKEN, FIXED, App, load_apps
from tests.support.cli import ROOT, Cli
from tests.support.mcp_calls import answered, problem

TOOLS = {
    "list_runs",
    "explain_run",
    "recorded_step",
    "debug_eval",
    "app_check",
    "dev_push",
    "publish",
    "verify",
    "fork",
}
BUGS = {
    "lineage-depth": ("asset in graph", "False"),
    "crawl-owners": ("[row['owner']['mail'] for row in [table]]", "[None]"),
    "severity-order": ("[row.severity for row in rows]", "[2, None, 3]"),
}
"""By bug: what the agent asks for in the failing frame, and what it learns."""


@dataclass
class Person:
    """Who sits at the client, and answers its dialogues."""

    answer: str = "accept"
    questions: list[str] = field(default_factory=list[str])

    async def __call__(self, context: RequestContext[ClientSession, Any], params: ElicitRequestParams) -> ElicitResult:
        del context
        self.questions.append(params.message)
        return ElicitResult.model_validate({"action": self.answer})


@asynccontextmanager
async def agent(cli: Cli, person: ElicitationFnT | None) -> AsyncGenerator[ClientSession]:
    fields = ["-c", "from interlock.cli.main import main; main()", "mcp", "--publisher", "--tenant", "globex"]
    server = StdioServerParameters(command=sys.executable, args=fields, env=dict(cli.environment), cwd=ROOT)
    async with (
        stdio_client(server) as (read, write),
        ClientSession(read, write, elicitation_callback=person) as session,
    ):
        await session.initialize()
        yield session


def saved(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace('id = "corpus/', 'id = "acme/'))


async def failed_run(session: ClientSession, cli: Cli, app: App, folder: Path) -> str:
    """The broken version is published and installed, and its run failed: what the agent comes to."""
    saved(folder, app.files)
    listed = await answered(session, "publish", folder=str(folder))
    assert (listed["status"], listed["version"]) == ("listed", BROKEN)
    name = f"acme/{app.name}"
    cli.ok("install", "add", name, "--yes")
    done = cli("run", "start", name, "--input", f"@{app.folder / 'input.json'}", "--wait", "--json")
    assert done.code == 1
    rows = await answered(session, "list_runs", app=name, status="failed")
    return rows["runs"][0]["run"]


@pytest.mark.parametrize("app", load_apps(tuple(BUGS)), ids=lambda app: app.name)
def test_a_bug_from_its_run_to_the_mended_run(cli: Cli, tmp_path: Path, app: App) -> None:
    person, folder = Person(), tmp_path / app.name

    async def story() -> None:
        async with agent(cli, person) as session:
            run = await failed_run(session, cli, app, folder)
            why = await answered(session, "explain_run", run=run)
            assert (why["state"], why["file"], why["line"]) == (app.label.state, app.label.file, app.label.line)
            step = await answered(session, "recorded_step", run=run)
            assert Path(step["code"], why["file"]).read_text() == app.files[why["file"]]
            frame = step["untrusted"]["data"]["frames"][-1]
            assert (frame["file"], frame["line"]) == (why["file"], why["line"])
            assert any(app.label.text in row for row in frame["source"])
            expression, value = BUGS[app.name]
            look = await answered(session, "debug_eval", run=run, expressions=[expression, "1 / 0"])
            data = look["untrusted"]["data"]
            assert (look["stopped"], look["same"], data["values"][0]["value"]) == (True, True, value)
            assert data["values"][1]["error"].startswith("ZeroDivisionError")
            assert data["frames"][-1]["line"] == app.label.line
            before = await answered(session, "verify", folder=str(folder), runs=[run])
            assert (before["same"], before["differ"]) == (1, 0)
            saved(folder, app.fixes)
            checked = await answered(session, "app_check", folder=str(folder))
            assert (checked["ready"], checked["findings"][-1]["code"]) == (True, "manifest.version-listed")
            after = await answered(session, "verify", folder=str(folder), runs=[run])
            assert (after["same"], after["differ"]) == (0, 1)
            pushed = await answered(session, "dev_push", folder=str(folder), workflow="main", input=app.input)
            assert pushed["status"] == "succeeded"
            saved(folder, {"interlock.toml": app.fixed["interlock.toml"]})
            assert (await answered(session, "publish", folder=str(folder)))["status"] == "listed"
            # The value came from an earlier state, by the explanation: the run goes on from there.
            touched = why["untrusted"]["data"]["explanation"]["touched"]
            origins = [row["origin"].partition(":")[0] for row in touched if row["origin"].startswith("Crawl")]
            fork = await answered(session, "fork", run=run, at=next(iter(origins), ""), version=FIXED)
            assert fork["status"] == "succeeded"

    asyncio.run(story())
    assert [text.split()[0] for text in person.questions] == ["Publish", "Publish", "Fork"]


def test_what_a_person_refuses_is_not_done(cli: Cli, app: Any) -> None:
    person = Person("decline")
    folder = app("refused")

    async def story() -> None:
        async with agent(cli, person) as session:
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == TOOLS
            for tool in tools.values():
                Draft202012Validator.check_schema(tool.inputSchema)
            refused = problem(await session.call_tool("publish", {"folder": str(folder)}))
            assert refused["code"] == "not-confirmed"
            unknown = problem(await session.call_tool("rm", {}))
            assert (unknown["code"], "explain_run" in unknown["next"]) == ("unknown-tool", True)
            wrong = problem(await session.call_tool("debug_eval", {"run": "r", "expressions": []}))
            assert "expressions" in wrong["where"] + wrong["detail"]
            absent = problem(await session.call_tool("app_check", {"folder": str(folder / "nowhere")}))
            assert absent["status"] == 404
            none = problem(await session.call_tool("explain_run", {"run": "r-none"}))
            assert none["code"] == "not-found"
        async with agent(cli, None) as session:
            mute = problem(await session.call_tool("publish", {"folder": str(folder)}))
            assert (mute["code"], "interlock app publish" in mute["next"]) == ("cannot-confirm", True)

    asyncio.run(story())
    assert len(person.questions) == 1
    assert cli("app", "show", "acme/refused@1.0.0", "--json").code != 0
