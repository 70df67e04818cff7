"""The demo: a partner's four apps, published by upload, run on a tenant's real events. Uses the CLI only.

The connector crawls a database; its events start the compliance pack; a change of an owner starts the automation, which
asks; the assistant drafts descriptions, which somebody approves, and answers a question.

    scripts/demo                    a sample database that the project makes
    scripts/demo --source URL       your own, as SQLAlchemy writes it: sqlite:////path/file.db, postgresql+psycopg://…

Each line that begins with `$` is a command that you can type yourself. A second time, what is there stays.
"""

import argparse
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from scripts import demo_model, setup

TENANT, PUBLISHER = "acme", "interlock"
CONNECTOR, COMPLIANCE = "interlock/connector", "interlock/compliance-pack"
AUTOMATION, ASSISTANT = "interlock/automation", "interlock/ai-assistant"
FOLDERS = {
    CONNECTOR: "app_templates/connector",
    COMPLIANCE: "app_templates/compliance_pack",
    AUTOMATION: "app_templates/automation",
    ASSISTANT: "app_templates/ai_assistant",
}
MODEL_PORT = setup.ROOT / ".interlock" / "demo" / "model_port"
OWNER, DESCRIBED = "ada", 2
QUESTION = "Which tables refer to a customer?"
SAMPLE = setup.ROOT / ".interlock" / "demo" / "shop.sqlite"
RUNS_SECONDS = 120
NEEDS = ("--extra", "local", "--no-default-groups", "--inexact")
SHOWN_RUNS = 8
OVER = ("succeeded", "failed", "aborted")


class Demo:
    """Runs `interlock` as a reader would."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Keep the environment."""
        self.environment = environment

    def show(self, *parts: str) -> None:
        """Run a command that the reader sees, with what it prints.

        Raises:
            SystemExit: it failed.
        """
        say(f"\n$ interlock {shlex.join(parts)}")
        done = subprocess.run(["interlock", *parts], cwd=setup.ROOT, env=self.environment, check=False)
        if done.returncode:
            sys.exit(done.returncode)

    def show_all(self, *commands: Sequence[str]) -> None:
        """Run commands side by side, and show them one after the other.

        Raises:
            SystemExit: one failed.
        """
        processes = [
            subprocess.Popen(
                ["interlock", *parts],
                cwd=setup.ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for parts in commands
        ]
        for parts, process in zip(commands, processes, strict=True):
            text, _ = process.communicate()
            say(f"\n$ interlock {shlex.join(parts)}\n{text.rstrip()}")
            if process.returncode:
                sys.exit(process.returncode)

    def rows(self, *parts: str) -> list[dict[str, Any]]:
        """Run a command that lists something; nothing where it failed."""
        return self.ask(*parts) or []

    def ask(self, *parts: str) -> Any:
        """Run a command for its JSON; None where it failed."""
        command = ["interlock", *parts, "--json"]
        done = subprocess.run(
            command, cwd=setup.ROOT, env=self.environment, check=False, capture_output=True, text=True
        )
        return json.loads(done.stdout) if done.returncode == 0 else None


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the demo."""
    begun = time.monotonic()
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--source", help="a database of your own, as SQLAlchemy writes it")
    parser.add_argument("--port", help="the engine's port; 4666 where nothing is said")
    options = parser.parse_args()
    source = options.source or f"sqlite:///{sample()}"
    say("Setting up (uv, the locked dependencies) …")
    try:
        setup.sync(NEEDS)
    except setup.SetupError as error:
        sys.exit(str(error))
    with ExitStack() as stack:
        play(Demo({**setup.environ(), **model_of(os.environ, stack)}), source, options.port)
    say(f"\nDone in {time.monotonic() - begun:.0f} s.")


def play(demo: Demo, source: str, port: str | None) -> None:
    """The platform, the apps, and what each of them does."""
    demo.show("up", *(("--port", port) if port else ()))
    prepare(demo, source)
    before = demo.rows("run", "list", "--limit", "100")
    demo.show("tool", "call", "crawl", "--wait")
    runs = settle(demo, {run["id"] for run in before})
    say(f"\nThe crawl's events started {len(runs) - 1} runs of {COMPLIANCE}:")
    demo.show("run", "list", "--limit", str(SHOWN_RUNS))
    show_tags(demo)
    change_owner(demo)
    ask_assistant(demo)
    tour(demo)


def prepare(demo: Demo, source: str) -> None:
    """A tenant, a publisher, both apps published and installed; what is there stays."""
    if demo.ask("whoami", "--profile", TENANT) is None:
        demo.show("tenant", "create", TENANT)
    if demo.ask("whoami", "--profile", PUBLISHER) is None:
        demo.show("publisher", "create", PUBLISHER)
    demo.show_all(*(("app", "publish", folder) for folder in FOLDERS.values()))
    installed = {row["app"]: row for row in demo.rows("install", "list")}
    absent = [app for app in (COMPLIANCE, AUTOMATION, ASSISTANT) if app not in installed]
    demo.show_all(*(("install", "add", app, "--yes") for app in absent))
    config = {"source_name": source_name(source)}
    if CONNECTOR in installed and installed[CONNECTOR]["config"] != config:
        demo.show("install", "remove", installed[CONNECTOR]["id"])
        del installed[CONNECTOR]
    if CONNECTOR not in installed:
        secret = setup.ROOT / ".interlock" / "demo" / "database_url"
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(source)
        add = ["install", "add", CONNECTOR, "--yes", "--config", json.dumps(config)]
        demo.show(*add, "--secret", f"database_url=@{secret}")


def source_name(source: str) -> str:
    """How the database is called in the catalog: the last word of its URL."""
    last = source.partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[^A-Za-z0-9_.-]", "-", last.partition(".")[0]) or "source"


def settle(demo: Demo, before: set[str]) -> list[dict[str, Any]]:
    """Wait until the events of the crawl are all served: no run is open, and no new one came for a while."""
    end, quiet, known = time.monotonic() + RUNS_SECONDS, 0, -1
    while time.monotonic() < end:
        runs = [run for run in demo.rows("run", "list", "--limit", "100") if run["id"] not in before]
        over = all(run["status"] in OVER for run in runs)
        quiet = quiet + 1 if over and len(runs) == known else 0
        known = len(runs)
        if quiet >= 2:
            return runs
        threading.Event().wait(0.5)
    sys.exit(f"runs are still open after {RUNS_SECONDS} s: interlock run list")


def model_of(environment: Mapping[str, str], stack: ExitStack) -> Mapping[str, str]:
    """The variables of the language model: the reader's own, or a stand-in's that ends with the stack."""
    if environment.get("INTERLOCK_MODEL_URL"):
        say(f"The assistant calls your language model, {environment.get('INTERLOCK_MODEL', '')}.")
        return {}
    say("The assistant calls a stand-in for a language model, which answers from its input while this demo runs.")
    say("  Your own: set INTERLOCK_MODEL_URL and INTERLOCK_MODEL (docs/models.md), interlock down, and run this again.")
    return stack.enter_context(demo_model.serving(MODEL_PORT))


def change_owner(demo: Demo) -> None:
    """An owner changes: the automation asks an admin, who approves."""
    tables = demo.rows("asset", "search", "--type", "table", "--limit", "1")
    if not tables or OWNER in tables[0]["owners"]:
        return
    before = {run["id"] for run in demo.rows("run", "list", "--limit", "100")}
    say(f"\nAn owner changes, so {AUTOMATION} asks whether that is right:")
    demo.show("asset", "set", tables[0]["qualified_name"], "--owner", OWNER)
    approve(demo, before)


def ask_assistant(demo: Demo) -> None:
    """The assistant drafts descriptions, an admin approves them, and it answers a question."""
    say(f"\n{ASSISTANT} drafts descriptions of tables that have none, and writes what is approved:")
    before = {run["id"] for run in demo.rows("run", "list", "--limit", "100")}
    demo.show("tool", "call", "draft_descriptions", "--input", json.dumps({"limit": DESCRIBED}))
    approve(demo, before)
    demo.show("tool", "call", "ask_catalog", "--input", json.dumps({"question": QUESTION}), "--wait")
    say("\nIts tokens, by step:")
    demo.show("usage", "show", "--by", "step")


def approve(demo: Demo, before: set[str]) -> None:
    """Approve what the runs that began ask, and wait until they are over."""
    end = time.monotonic() + RUNS_SECONDS
    while time.monotonic() < end:
        runs = {
            run["id"]: run["status"] for run in demo.rows("run", "list", "--limit", "100") if run["id"] not in before
        }
        for row in demo.rows("approval", "list"):
            # It is asked a moment before the run waits for the answer.
            if runs.get(row["run"]) == "paused":
                demo.show("approval", "approve", row["id"])
        if runs and all(status in OVER for status in runs.values()):
            settle(demo, before)
            return
        threading.Event().wait(0.3)
    sys.exit(f"nothing was asked, or a run is still open after {RUNS_SECONDS} s: interlock run list")


def show_tags(demo: Demo) -> None:
    """What the compliance pack found."""
    tagged = demo.rows("asset", "search", "--type", "column", "--tag", "pii")
    columns = demo.rows("asset", "search", "--type", "column")
    tables = demo.rows("asset", "search", "--type", "table")
    say(f"\n{len(tables)} tables and {len(columns)} columns in the catalog; {len(tagged)} columns hold personal data:")
    demo.show("asset", "search", "--tag", "pii", "--type", "column")


def tour(demo: Demo) -> None:
    """What to try next."""
    last = next((run["id"] for run in demo.rows("run", "list", "--limit", "1")), "RUN")
    say("\nTry next (`. .venv/bin/activate; export INTERLOCK_HOME=$PWD/.interlock` first):")
    for line in (
        f"interlock run show {last}                  a run with its steps, inputs, outputs and effects",
        "interlock event tail                                    the tenant's events",
        "interlock tool call crawl --wait                        crawl again: nothing changed, so no event",
        "interlock app init acme/first                           an app of your own",
        "interlock down",
    ):
        say(f"  {line}")


def sample() -> Path:
    """A small shop's database, made anew where it is absent."""
    if SAMPLE.exists():
        return SAMPLE
    SAMPLE.parent.mkdir(parents=True, exist_ok=True)
    draft = SAMPLE.with_suffix(".new")
    draft.unlink(missing_ok=True)
    database = sqlite3.connect(draft)
    database.executescript(SCHEMA)
    people = [("Ada", "Berg"), ("Bo", "Lind"), ("Cleo", "Marsh"), ("Dai", "Okafor"), ("Eve", "Stone"), ("Finn", "Vale")]
    for number in range(60):
        first, last = people[number % 6][0], people[(number // 6) % 6][1]
        mail = f"{first}.{last}{number}@example.org".lower()
        row = (
            number,
            first,
            last,
            mail,
            f"+44 20 7946 0{number:03d}",
            f"{number + 1} Mill Lane",
            f"19{60 + number % 40}-05-17",
        )
        database.execute("INSERT INTO customer VALUES (?,?,?,?,?,?,?)", row)
        database.execute("INSERT INTO ticket VALUES (?,?,?,?)", (number, number, mail, "Where is my parcel?"))
        database.execute(
            "INSERT INTO orders VALUES (?,?,?,?)", (number, number, number % 12, f"2026-01-{1 + number % 28:02d}")
        )
    for number in range(12):
        database.execute("INSERT INTO product VALUES (?,?,?)", (number, f"Widget {number}", 9.5 + number))
    database.commit()
    database.close()
    draft.rename(SAMPLE)
    return SAMPLE


SCHEMA = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, email TEXT, phone TEXT, address TEXT,
                       birth_date TEXT);
CREATE TABLE product (id INTEGER PRIMARY KEY, title TEXT, price REAL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id),
                     product_id INTEGER REFERENCES product(id), placed TEXT);
CREATE TABLE ticket (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), c7 TEXT, subject TEXT);
"""

if __name__ == "__main__":
    main()
