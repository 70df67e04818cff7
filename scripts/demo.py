"""The demo: a partner's two apps, published by upload, run on a tenant's real events. Uses the CLI only.

    scripts/demo                    a sample database that the project makes
    scripts/demo --source URL       your own, as SQLAlchemy writes it: sqlite:////path/file.db, postgresql+psycopg://…

Each line that begins with `$` is a command that you can type yourself. A second time, what is there stays.
"""

import argparse
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scripts import setup

TENANT, PUBLISHER = "acme", "interlock"
CONNECTOR, COMPLIANCE = "interlock/connector", "interlock/compliance-pack"
FOLDERS = {CONNECTOR: "app_templates/connector", COMPLIANCE: "app_templates/compliance_pack"}
SAMPLE = setup.ROOT / ".interlock" / "demo" / "shop.sqlite"
RUNS_SECONDS = 120
NEEDS = ("--extra", "local", "--no-default-groups", "--inexact")
SHOWN_RUNS = 8


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
        say(f"\n$ interlock {' '.join(parts)}")
        done = subprocess.run(["interlock", *parts], cwd=setup.ROOT, env=self.environment, check=False)
        if done.returncode:
            sys.exit(done.returncode)

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
    demo = Demo(setup.environ())
    demo.show("up", *(("--port", options.port) if options.port else ()))
    prepare(demo, source)
    before = demo.rows("run", "list", "--limit", "100")
    demo.show("tool", "call", "crawl", "--wait")
    runs = settle(demo, {run["id"] for run in before})
    say(f"\nThe crawl's events started {len(runs) - 1} runs of {COMPLIANCE}:")
    demo.show("run", "list", "--limit", str(SHOWN_RUNS))
    tour(demo)
    say(f"\nDone in {time.monotonic() - begun:.0f} s.")


def prepare(demo: Demo, source: str) -> None:
    """A tenant, a publisher, both apps published and installed; what is there stays."""
    if demo.ask("whoami", "--profile", TENANT) is None:
        demo.show("tenant", "create", TENANT)
    if demo.ask("whoami", "--profile", PUBLISHER) is None:
        demo.show("publisher", "create", PUBLISHER)
    for folder in FOLDERS.values():
        demo.show("app", "publish", folder)
    installed = {row["app"]: row for row in demo.rows("install", "list")}
    if COMPLIANCE not in installed:
        demo.show("install", "add", COMPLIANCE, "--yes")
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
        over = all(run["status"] in ("succeeded", "failed", "aborted") for run in runs)
        quiet = quiet + 1 if over and len(runs) == known else 0
        known = len(runs)
        if quiet >= 2:
            return runs
        threading.Event().wait(0.5)
    sys.exit(f"runs are still open after {RUNS_SECONDS} s: interlock run list")


def tour(demo: Demo) -> None:
    """What came of it, and what to try next."""
    tagged = demo.rows("asset", "search", "--type", "column", "--tag", "pii")
    columns = demo.rows("asset", "search", "--type", "column")
    tables = demo.rows("asset", "search", "--type", "table")
    say(f"\n{len(tables)} tables and {len(columns)} columns in the catalog; {len(tagged)} columns hold personal data:")
    demo.show("asset", "search", "--tag", "pii", "--type", "column")
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
