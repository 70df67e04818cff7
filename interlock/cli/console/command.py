"""`interlock console`: open the console of the local platform, signed in as a profile."""

from __future__ import annotations

import threading
import webbrowser
from typing import Annotated
from urllib.parse import urlencode

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import As, AsJson
from interlock.contract.core.failure import BadRequest

app = typer.Typer()


@app.command("console")
def console(
    to: Annotated[str, typer.Option("--path", help="The page to open, such as /t/globex/runs.")] = "/",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    profile: As = None,
    machine: AsJson = False,
) -> None:
    """Open the console in a browser, signed in as a profile.

    The address that it prints signs in once, within a minute. In a clone the console is built a first time.
    """
    from interlock.cli.console import codes, process
    from interlock.cli.terminal.profiles import resolve_any
    from interlock.local import platform
    from interlock.local.page import build_page

    if not to.startswith("/"):
        raise BadRequest("a page's path begins with /", where="--path", next_step="Such as --path /t/globex/runs")
    place = platform.connect().place
    chosen = resolve_any(profile).profile
    steps = render.Steps(quiet=machine)
    steps.step("Build the console, if it changed")
    build_page()
    steps.step("Start the console's server")
    server = process.begin_server(place)
    process.await_server(place, server)
    steps.done()
    code = codes.make_code(place.root / "console" / "codes", chosen.name)
    url = f"{server.url}/sign-in?{urlencode({'code': code, 'to': to})}"
    if browser and not machine:
        # Some browsers block the process that opens them until they are closed.
        opening = threading.Thread(target=webbrowser.open, args=(url,), daemon=True)
        opening.start()
        opening.join(timeout=2)

    def show() -> None:
        render.line(f"The console, as {chosen.name}: {url}")

    render.answer({"url": url, "profile": chosen.name, "console": server.url}, show, machine=machine)
