"""One pause and several who want to decide it: a person and a copilot, and two people, each told of the other."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Page, expect

from interlock.cli.terminal.profiles import Profiles
from interlock.contract.core.failure import NotFound
from interlock.local.platform import Platform
from tests.support.axe import violations
from tests.support.cli import Cli
from tests.support.client import JsonClient
from tests.support.console import PATIENCE_MS, SCREENS, Console, settled
from tests.support.kit import eventually
from tests.support.mcp_calls import problem
from tests.support.orders_app import write_orders

expect.set_options(timeout=PATIENCE_MS)
TENANT, PUBLISHER = "soylent", "green"
ADA, BOB = "ada", "bob"


@pytest.fixture(scope="module")
def cli(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A tenant with two admins, and an app whose runs stop where a breakpoint says."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    cli = Cli(platform.place.root)
    cli.ok("up")
    cli.ok("tenant", "create", TENANT)
    cli.ok("publisher", "create", PUBLISHER)
    app = write_orders(tmp_path_factory.mktemp("orders") / "app", "1.1.0")
    manifest = app / "interlock.toml"
    manifest.write_text(manifest.read_text().replace('"acme/orders"', f'"{PUBLISHER}/orders"'))
    cli.ok("app", "publish", str(app), "--profile", PUBLISHER)
    config = ("--config", '{"limit": 100}', "--yes", "--untested")
    cli.ok("install", "add", f"{PUBLISHER}/orders", *config, "--profile", TENANT)
    for name in (ADA, BOB):
        cli.ok("tenant", "credential", "create", name, "--role", "admin", "--keep", "--profile", TENANT)
    return cli


@pytest.fixture
def paused(cli: Cli) -> tuple[str, str]:
    """A run that waits before its first step: its id and that of the pause."""
    request = {"app": f"{PUBLISHER}/orders", "workflow": "process", "input": {"number": "A-1", "amount": 5}}
    api = client_of(cli, TENANT)
    run = api.post(f"/v1/tenants/{TENANT}/runs", request | {"breakpoints": [{"state": "check"}]})["run"]

    def waiting() -> str | None:
        # Accepted is not begun: until then the API knows no such run.
        with suppress(NotFound):
            for pause in api.get(f"/v1/tenants/{TENANT}/runs/{run}/pauses")["pauses"]:
                return pause["id"] if pause["status"] == "waiting" else None
        return None

    return run, eventually(waiting, "a pause that waits")


def client_of(cli: Cli, profile: str) -> JsonClient:
    return JsonClient(Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles[profile])


def as_copilot(cli: Cli, profile: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call a tool by the official client as the copilot of a person, and read why it was refused."""
    client = client_of(cli, profile)

    async def call() -> dict[str, Any]:
        url = f"{client.profile.api_url}/v1/tenants/{TENANT}/mcp"
        async with (
            httpx.AsyncClient(headers=client.transport.headers(), timeout=60) as http,
            streamable_http_client(url, http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return problem(await session.call_tool(tool, arguments))

    # The browser's own loop is this thread's.
    with ThreadPoolExecutor(1) as others:
        return others.submit(lambda: asyncio.run(call())).result()


def confirmed(cli: Cli, profile: str, call: dict[str, Any]) -> dict[str, Any]:
    """The call of a copilot that its person confirmed: it has the pause now, and decides with it."""
    refused = as_copilot(cli, profile, "resume_pause", call)
    assert refused["code"] == "confirmation-wanted"
    return call | {"confirm": refused["detail"].removeprefix("this call needs confirmation: ")}


def opened(console: Console, profile: str, run: str) -> Page:
    page = console.open(profile, f"/t/{TENANT}/runs/{run}")
    expect(page.get_by_role("button", name="Look and decide")).to_be_visible()
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_a_person_takes_a_pause_from_a_copilot(console: Console, cli: Cli, paused: tuple[str, str]) -> None:
    run, pause = paused
    page = opened(console, ADA, run)
    call = confirmed(cli, BOB, {"run": run, "pause": pause, "action": "output", "output": '{"number": "X"}'})
    expect(page.get_by_text(f"A copilot of {BOB} has taken it")).to_be_visible()
    expect(page.get_by_text("a person comes before a copilot")).to_be_visible()
    press(page, "Look and decide")
    press(page, "Take it: copilots then wait")
    expect(page.get_by_role("button", name="Take it: copilots then wait")).to_have_count(0)
    held = as_copilot(cli, BOB, "resume_pause", call)
    assert held["code"] == "pause-held"
    assert f"{ADA} has taken this pause" in held["detail"]
    # The button that had the focus is gone; the dialog has it now, and hears the key.
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    notice = page.get_by_role("status").filter(has_text="Paused before check")
    expect(notice).to_contain_text("You have taken it until")
    expect(notice).to_contain_text(f"A copilot of {BOB} had it before.")
    page.screenshot(path=SCREENS / "pause-taken-light.png")
    press(page, "Look and decide")
    press(page, "Go on")
    expect(page.locator("h1 + .chip", has_text="succeeded")).to_be_visible()
    late = as_copilot(cli, BOB, "resume_pause", call)
    assert late["code"] == "pause-taken"
    assert f"by {ADA}" in late["detail"]


def test_a_person_decides_before_a_copilot_that_had_it(console: Console, cli: Cli, paused: tuple[str, str]) -> None:
    run, pause = paused
    page = opened(console, ADA, run)
    call = confirmed(cli, ADA, {"run": run, "pause": pause, "action": "error", "error": "Nope"})
    expect(page.get_by_text(f"A copilot of {ADA} has taken it")).to_be_visible()
    press(page, "Look and decide")
    press(page, "Go on")
    expect(page.get_by_text(f"You decided. A copilot of {ADA} had taken the pause, and is told.")).to_be_visible()
    notice = page.get_by_role("status").filter(has_text="You decided the pause at check: it goes on.")
    expect(notice).to_contain_text(f"A copilot of {ADA} had taken it.")
    expect(page.locator("h1 + .chip", has_text="succeeded")).to_be_visible()
    expect(notice).to_be_visible()
    late = as_copilot(cli, ADA, "resume_pause", call)
    assert (late["code"], f"by {ADA}" in late["detail"]) == ("pause-taken", True)


def test_the_second_of_two_people_is_told_who_decided(console: Console, paused: tuple[str, str]) -> None:
    run, _ = paused
    first, second = opened(console, ADA, run), opened(console, BOB, run)
    press(second, "Look and decide")
    editor = second.get_by_label("The input of check, as JSON")
    editor.click()
    second.keyboard.press("ControlOrMeta+A")
    second.keyboard.insert_text(json.dumps({"number": "B", "amount": 1}))
    press(first, "Look and decide")
    press(first, "Go on")
    expect(first.locator("h1 + .chip", has_text="succeeded")).to_be_visible()
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{ADA} decided the pause at check: it goes on.")
    expect(dialog).to_contain_text("What you wrote here was not used.")
    expect(dialog.get_by_role("button", name="Go on", exact=True)).to_have_count(0)
    settled(second)
    second.screenshot(path=SCREENS / "pause-decided-light.png")
    assert violations(second) == []
    dialog.get_by_role("button", name="Close").last.click()
    expect(second.get_by_role("status").filter(has_text=f"{ADA} decided the pause at check")).to_be_visible()
    expect(second.get_by_text("Paused before check")).to_have_count(0)


def test_a_decision_that_comes_second_is_refused(console: Console, cli: Cli, paused: tuple[str, str]) -> None:
    """Before the second page has read that it is decided, the API refuses, and the dialog says who was first."""
    run, pause = paused
    page = opened(console, BOB, run)
    press(page, "Look and decide")
    page.route(
        re.compile("/v1/.*"), lambda route: route.abort() if route.request.method == "GET" else route.continue_()
    )
    cli.ok("pause", "resume", run, pause, "--profile", ADA)
    press(page, "Go on")
    expect(page.get_by_role("dialog").get_by_text(f"the pause is decided by {ADA}")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
    expect(page.get_by_role("dialog")).to_contain_text(f"{ADA} decided the pause at check: it goes on.")
