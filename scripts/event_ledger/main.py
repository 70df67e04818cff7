"""Counts what became of events that were accepted: 10,000 to 50 installs, by default, on an engine of its own.

Each event is delivered three times, out of order; one in twenty is poison; one subscriber's state machine is gone. What
became of them is counted from the stores alone: runs, dead letters, and the effects of steps as object versions. Then
the broken subscriber is mended and its letters are put back. Exit code 1 unless nothing was lost, nothing happened
twice, and every number adds up; see docs/reliability.md.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import choose
from interlock.contract.dead_letter import DeadState
from interlock.local.environment import talking_to
from interlock.local.home import home
from interlock.local.platform import connect
from scripts.event_ledger.checks import Count, count, problems
from scripts.event_ledger.events import FULL, Deliveries, Size, send, settle
from scripts.event_ledger.stage import Stand, break_one, mend, prepare
from scripts.scoring.main import platform

DEADLINE_SECONDS = 7_200


def main() -> int:
    """Run the ledger.

    Returns:
        0 where all of it adds up, else 1.
    """
    parser = argparse.ArgumentParser(prog="scripts/ledger", description="Counts what became of accepted events.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--events", type=int, default=FULL.events, help="how many events")
    parser.add_argument("--tenants", type=int, default=FULL.tenants, help="in so many tenants")
    parser.add_argument("--apps", type=int, default=FULL.apps, help="so many apps in each, and one that is broken")
    parser.add_argument("--home", default="", help="use the platform that is up there, and leave it up")
    options = parser.parse_args()
    size = Size(events=options.events, tenants=options.tenants, apps=options.apps)
    with platform(options.home) as stage:
        counts, wrong, seconds = run_ledger(stage.home, size, DEADLINE_SECONDS)
    if options.json:
        rows = {name: row.rows() for name, row in counts.items()}
        sys.stdout.write(json.dumps({"counts": rows, "problems": wrong, "seconds": seconds}, indent=1) + "\n")
    else:
        sys.stdout.write(table(counts, wrong, seconds))
    return 1 if wrong else 0


def run_ledger(place: Path, size: Size, deadline: float) -> tuple[dict[str, Count], list[str], dict[str, float]]:
    """Send, count, mend, put back and count again on the platform of a home.

    Args:
        place: the home; `INTERLOCK_HOME` says the same.
        size: how many of what.
        deadline: seconds after which waiting for an end gives up.

    Returns:
        The counts before and after mending, what does not add up, and the seconds of each part.
    """
    current, seconds = connect(home(place)), dict[str, float]()
    stand = prepare(size)
    with talking_to(current.engine):
        sent = Deliveries.make(stand, size)
        broken = break_one(stand)
        begun = time.monotonic()
        send(current.record.runs_table, sent)
        seconds["send"] = time.monotonic() - begun
        settle(current.record.runs_table, deadline)
        seconds["until all is quiet"] = time.monotonic() - begun
        before = count(current.record.runs_table, stand)
        mend(broken)
    begun = time.monotonic()
    sent_back = _put_back(stand)
    with talking_to(current.engine):
        settle(current.record.runs_table, deadline)
        seconds["redrive"] = time.monotonic() - begun
        after = count(current.record.runs_table, stand)
    wrong = problems(sent, before, after)
    if sent_back != len(sent.broken):
        wrong.append(f"{sent_back} letters were put back, {len(sent.broken)} events went to the broken install")
    return {"before mending": before, "after redriving": after}, wrong, seconds


def _put_back(stand: Stand) -> int:
    """Put back every letter of the broken install through the API; how many were sent."""
    client = Client(choose(None, "tenant", stand.broken.tenant))
    tenant = stand.broken.tenant
    rows = client.dead_letters.iterate(tenant, state=DeadState.DEAD, install=stand.broken.install)
    letters = [row.id for row in rows if row.code == "event.machine-gone"]
    return sum(client.dead_letters.redrive(tenant, letter).sent for letter in letters)


def table(counts: dict[str, Count], wrong: list[str], seconds: dict[str, float]) -> str:
    """What became of everything, for people."""
    lines = [f"{'':<34}" + "".join(f"{name:>18}" for name in counts)]
    rows = {name: row.rows() for name, row in counts.items()}
    for word in next(iter(rows.values())):
        lines.append(f"{word:<34}" + "".join(f"{row[word]:>18,}" for row in rows.values()))
    lines += ["", *(f"{name}: {value:.1f} s" for name, value in seconds.items())]
    lines += ["", *(wrong or ["0 lost, 0 double effects, every number adds up."])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
