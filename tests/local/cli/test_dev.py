"""`interlock dev` as a publisher uses it: twenty saves, a broken one, a failed run, and what others see of it."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.aws.services import stacks
from interlock.contract.core import names
from interlock.control.publishing.develop import KEPT
from interlock.local.environment import talking_to
from interlock.local.platform import Platform
from tests.support.cli import COMMAND, ROOT, Cli

SAVES = 20
READY_SECONDS = 2.0
"""From a save until the next start runs it, on a machine that does nothing else; half of the saves in half of it."""


def share() -> float:
    """How many processes wanted each processor of late: a machine that is busy with others takes longer by that."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class Dev:
    """A session of `interlock dev` in a process of its own."""

    def __init__(self, cli: Cli, folder: Path, *arguments: str) -> None:
        command = [*COMMAND, "dev", str(folder), "--tenant", "globex", *arguments, "--json"]
        self.code = folder / "hello.py"
        self.text = self.code.read_text()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=cli.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def until(self, name: str, **fields: Any) -> dict[str, Any]:
        """The next event of a name that has these fields."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == name and fields.items() <= event.items():
                return event
        raise AssertionError(f"it ended before {name}: {self.process.stderr and self.process.stderr.read()}")

    def close(self) -> None:
        """End it as Ctrl-C does, and take back what was saved."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        self.save(self.text)

    def save(self, text: str) -> None:
        self.code.write_text(text)


@pytest.fixture(scope="module")
def app(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dev") / "saved"
    cli.ok("app", "init", "acme/saved", "--into", str(folder))
    manifest = folder / "interlock.toml"
    manifest.write_text(manifest.read_text().replace('tool = "hello"', 'tool = "saved"'))
    return folder


@pytest.fixture
def dev(cli: Cli, app: Path) -> Iterator[Dev]:
    session = Dev(cli, app, "--run", "hello", "--input", '{"name": "Ada"}')
    yield session
    session.close()


@pytest.fixture
def quiet(cli: Cli, app: Path) -> Iterator[Dev]:
    """A session that starts no runs."""
    session = Dev(cli, app)
    yield session
    session.close()


def test_twenty_saves_are_ready_in_time_and_never_listed(cli: Cli, quiet: Dev, platform: Platform) -> None:
    dev = quiet
    first = dev.until("ready")
    dev.until("watching")
    seconds: list[float] = []
    for number in range(SAVES):
        dev.save(dev.text.replace("Hello", f"Hello {number}"))
        seconds.append(dev.until("ready")["seconds"])
    assert max(seconds) <= READY_SECONDS * share(), seconds
    assert statistics.median(seconds) <= READY_SECONDS / 2 * share(), seconds
    call = ("tool", "call", "saved", "--input", '{"name": "Ada"}', "--tenant", "globex")
    ended = cli.ok(*call, "--wait")
    assert ended["output"]["value"] == {"text": f"Hello {SAVES - 1}, Ada!"}
    (tool,) = (row for row in cli.ok("tool", "list", "--tenant", "globex") if row["name"] == "saved")
    assert tool["version"] == ended["version"] and set(tool["input_schema"]["properties"]) == {"name"}
    assert cli("app", "search", "saved").out.strip() == "No app matches."
    assert cli("install", "add", "acme/saved", "--yes", "--tenant", "globex").code == 4
    rows = cli.ok("app", "versions", "acme/saved", "--profile", "acme")
    assert {row["status"] for row in rows} == {"development"} and len(rows) == SAVES + 1
    install = cli.ok("install", "show", first["install"], "--tenant", "globex")
    assert install["version"] == max(row["version"] for row in rows) and install["channel"] == "pinned"
    with talking_to(platform.engine):
        there = [row for row in rows if stacks.progress_of(names.version_stack("acme/saved", row["version"])) == "done"]
    assert len(there) <= KEPT + 2


def test_a_named_install_gets_what_is_saved(cli: Cli, app: Path) -> None:
    session = Dev(cli, app, "--install", "east")
    try:
        first = session.until("ready")["install"]
        session.until("watching")
        session.save(session.text.replace("Hello", "Good day"))
        again = session.until("ready")
    finally:
        session.close()
    shown = cli.ok("install", "show", first, "--tenant", "globex")
    assert (again["install"], shown["name"], shown["version"]) == (first, "east", again["version"])
    other = ("run", "start", "acme/saved", "--install", "east", "--input", '{"name": "Ada"}', "--tenant", "globex")
    assert cli.ok(*other, "--wait")["output"]["value"] == {"text": "Good day, Ada!"}
    cli.ok("install", "remove", first, "--tenant", "globex")


def test_a_broken_save_is_said_and_the_last_good_one_runs(dev: Dev) -> None:
    dev.until("watching")
    dev.save(dev.text.replace("@step", "@step("))
    broken = dev.until("findings")
    assert broken["findings"] and broken["findings"][0]["severity"] == "error"
    dev.save(dev.text.replace("Hello", "Again"))
    dev.until("ready")
    assert dev.until("end", status="succeeded")["output"] in ({"text": "Again, Ada!"}, {"text": "Hello, Ada!"})


def test_a_failed_run_is_explained_with_the_command_to_debug_it(cli: Cli, dev: Dev) -> None:
    dev.until("watching")
    dev.save(dev.text.replace('    ctx.log.info("greet", name=guest.name)', '    ctx.log.info("boom")\n    {}["gone"]'))
    dev.until("ready")
    log = dev.until("log")
    while log["line"]["message"] != "boom":
        log = dev.until("log")
    failed = dev.until("end", status="failed")
    assert failed["debug"] == f"interlock run debug {failed['run']}"
    assert "KeyError" in json.dumps(failed["explanation"])
    assert "KeyError" in cli("run", "explain", failed["run"], "--tenant", "globex").out


def test_a_push_ends_with_3_where_the_app_has_errors(cli: Cli, app: Path) -> None:
    manifest = app / "interlock.toml"
    text = manifest.read_text()
    manifest.write_text(text.replace("hello:greet", "hello:grete"))
    done = cli.process("dev", str(app), "--once", "--tenant", "globex")
    manifest.write_text(text)
    assert done.code == 3 and "grete" in done.out + done.err
    assert "Traceback" not in done.err


def test_a_profile_of_another_platform_is_refused(cli: Cli, app: Path, own_profiles: None) -> None:
    path = cli.home / "profiles.json"
    known = json.loads(path.read_text())
    known["profiles"]["far"] = known["profiles"]["globex"] | {"name": "far", "api_host": "elsewhere.example"}
    path.write_text(json.dumps(known))
    done = cli("dev", str(app), "--once", "--profile", "far", "--json")
    assert done.problem["code"] == "dev-elsewhere"
