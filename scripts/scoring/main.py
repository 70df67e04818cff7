"""Scores the debugger on the 66 apps of `tests/corpus/bugs`, on an engine of its own; see docs/debugger-score.md.

For each app: `explain` names the labelled state and line, `run debug` stops there with the recorded input byte by byte,
a fork of the fixed version from there succeeds, `run verify` says how that version ends, and `run diff` names the
state. The last line is `N of M`; exit code 1 under 63 of 66.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import choose
from scripts import setup
from scripts.scoring.apps import PUBLISHER, App, load_apps
from scripts.scoring.checks import CHECKS, COMMAND, Score, Stage, score

MAY_MISS = 3
AT_ONCE = 4


def main() -> int:
    """Score all apps, or what `--only` names.

    Returns:
        0 where at most MAY_MISS of all apps missed, else 1.
    """
    parser = argparse.ArgumentParser(prog="scripts/corpus", description="Scores the debugger on apps with known bugs.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these apps")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="so many apps at the same time")
    parser.add_argument("--home", default="", help="use the platform that is up there, and leave it up")
    options = parser.parse_args()
    try:
        apps = load_apps(tuple(options.only))
    except LookupError as error:
        parser.error(str(error))
    begun = time.monotonic()
    with platform(options.home) as stage:
        _say(f"the platform is up after {time.monotonic() - begun:.0f} s")
        scores = run_all(stage, apps, options.at_once)
    took = time.monotonic() - begun
    passed = sum(current.passed for current in scores)
    if options.json:
        rows = [vars(current) for current in scores]
        sys.stdout.write(
            json.dumps({"apps": rows, "passed": passed, "of": len(scores), "seconds": took}, indent=1) + "\n"
        )
    else:
        sys.stdout.write(table(scores) + f"\nAll of it took {took:.0f} s.\n{passed} of {len(scores)}\n")
    return 0 if len(scores) - passed <= (MAY_MISS if not options.only else 0) else 1


def run_all(stage: Stage, apps: Sequence[App], at_once: int) -> list[Score]:
    """Score apps, some at a time; a line for each as it is done."""
    scores: list[Score] = []
    with ThreadPoolExecutor(at_once) as pool:
        for done in as_completed([pool.submit(score, stage, app) for app in apps]):
            one = done.result()
            scores.append(one)
            verdict = "ok" if one.passed else "MISSED " + ", ".join(one.misses)
            _say(f"{len(scores):>3} of {len(apps)}  {one.name:<20} {one.kind:<9} {one.seconds:5.1f} s  {verdict}")
    order = {app.name: number for number, app in enumerate(apps)}
    return sorted(scores, key=lambda one: order[one.name])


def table(scores: Sequence[Score]) -> str:
    """The score by kind, and the misses with their reasons."""
    lines = [f"{'kind':<10}{'apps':>5}" + "".join(f"{name:>9}" for name in CHECKS) + f"{'score':>7}"]
    for kind in dict.fromkeys(one.kind for one in scores):
        rows = [one for one in scores if one.kind == kind]
        counts = [sum(name not in one.misses for one in rows) for name in CHECKS]
        whole = sum(one.passed for one in rows)
        lines.append(f"{kind:<10}{len(rows):>5}" + "".join(f"{count:>9}" for count in counts) + f"{whole:>7}")
    missed = [f"  {one.name}, {name}: {why}" for one in scores for name, why in one.misses.items()]
    return "\n".join([*lines, *(["", "Missed:", *missed] if missed else [])])


@contextmanager
def platform(home: str) -> Generator[Stage]:
    """A platform of its own with a publisher and a tenant, gone afterwards; or the one of a given home."""
    if home:
        os.environ["INTERLOCK_HOME"] = home
        yield stage(Path(home), f"c{uuid.uuid4().hex[:6]}")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "home"
        place.mkdir()
        for tool in ("venv", "xray-venv", "node"):
            if (setup.ROOT / ".interlock" / tool).exists():
                (place / tool).symlink_to(setup.ROOT / ".interlock" / tool)
        os.environ["INTERLOCK_HOME"] = str(place)
        try:
            _interlock("up", "--port", "0")
            yield stage(place, PUBLISHER)
        finally:
            _interlock("down", "--yes")


def stage(home: Path, name: str) -> Stage:
    """A new publisher and a new tenant on the platform of INTERLOCK_HOME, which `home` is."""
    tenant = f"{name}-tenant"
    _interlock("tenant", "create", tenant)
    _interlock("publisher", "create", name)
    publisher, client = Client(choose(None, "publisher", name)), Client(choose(None, "tenant", tenant))
    return Stage(home=home, publisher=publisher, client=client, tenant=tenant)


def _interlock(*parts: str) -> None:
    subprocess.run([*COMMAND, *parts], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _say(line: str) -> None:
    """A line of progress: standard output is for the score."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
