"""Kills the engine (`kill -9`) at random moments of a busy life, starts it again, and counts: lost, done twice, stuck.

The life is that of `life.py`, all at once: runs of three steps and a wait, some of them paused and let go on, runs that
people approve, versions that are published and upgraded to, tenants that are onboarded. What was acknowledged must be
there in the end, and over; a step has its effect once. A step that a kill cut ends in `Interlock.Interrupted`, because
nobody knows whether it had its effect: its run fails and says so. Exit code 1 unless nothing was lost, nothing was done
twice, and nothing is stuck.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, cast

from interlock.contract.core.failure import Failure
from interlock.local.engine.process import engine_status
from interlock.local.platform import up
from scripts.killing.drain import stop_with_runs
from scripts.killing.life import EFFECTS, OVER, Life
from tests.support.kit import kit_of
from tests.support.platforms import running_platform
from tests.support.silent import Silent

KILLS = 200
LONGEST_SECONDS = 12.0
"""A life between two kills lasts so long at most."""
LONG_SECONDS = 60.0
"""The step of the one longer run of `--down`."""
DEAD_SECONDS = 10.0
SETTLE_SECONDS = 240.0


def main() -> int:
    """Run the matrix.

    Returns:
        0 where nothing was lost, done twice or stuck, else 1.
    """
    parser = argparse.ArgumentParser(prog="scripts/kill", description="Kills the engine, and counts what was lost.")
    parser.add_argument("--kills", type=int, default=KILLS, help="how often")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--down", type=int, default=0, metavar="RUNS", help="stop with runs at work instead")
    options = parser.parse_args()
    if options.down:
        with tempfile.TemporaryDirectory() as folder:
            counts = stop_with_runs(Path(folder), options.down, LONG_SECONDS)
        sys.stdout.write(json.dumps(counts, indent=1) + "\n")
        return 0 if set(counts["statuses"]) == {"succeeded"} and not counts["missing"] and not counts["twice"] else 1
    with tempfile.TemporaryDirectory() as folder:
        counts = kill_often(Path(folder), options.kills, options.seed)
    sys.stdout.write(json.dumps(counts, indent=1) + "\n" if options.json else table(counts))
    return 1 if is_wrong(counts) else 0


def kill_often(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill the engine of a new platform so often; what was counted."""
    moments = random.Random(seed)
    times: list[float] = []
    with running_platform(folder / "home") as platform, kit_of(platform) as kit:
        life = Life(kit, folder / "effects")
        life.begin()
        try:
            for number in range(kills):
                threading.Event().wait(moments.uniform(0.0, LONGEST_SECONDS))
                times.append(killed(platform.engine.state_dir, platform.place))
                note(f"{number + 1} of {kills}: up in {times[-1]:.1f} s, {len(life.done.runs)} runs")
        finally:
            life.end()
        return count(life) | {"kills": kills, "up_seconds": spread(times)}


def killed(state_dir: Path, place: Any) -> float:
    """Kill the engine and start it; how long the start took, in seconds."""
    engine = engine_status(state_dir).engine
    if engine is not None:
        os.kill(engine.pid, signal.SIGKILL)
        deadline = time.monotonic() + DEAD_SECONDS
        while not engine_status(state_dir).stale and time.monotonic() < deadline:
            threading.Event().wait(0.01)
    begun = time.monotonic()
    up(Silent(), place)
    return time.monotonic() - begun


def count(life: Life) -> dict[str, Any]:
    """What became of what was acknowledged."""
    done, kit = life.done, life.kit
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline and any(life.status(run) not in OVER for run in done.runs):
        threading.Event().wait(1.0)
    effects = life.effects()
    lost, stuck, odd = list[str](), list[str](), list[str]()
    interrupted = 0
    for run, workflow in done.runs.items():
        status = life.status(run)
        result = kit.run(life.installed, run, whole=True) if status else None
        if result is None:
            lost.append(run)
        elif status not in OVER:
            stuck.append(run)
        elif status == "failed" and "Interlock.Interrupted" in json.dumps(result["failed"]):
            interrupted += 1
        elif status != "succeeded":
            odd.append(f"{run}: {result['failed']}")
        elif sum(name.split()[0] == run for name in effects) != EFFECTS[workflow]:
            lost.append(f"{run}: effects")
    versions = [path for path in done.versions if not life.wait(lambda path=path: is_listed(kit, path), 120.0)]
    tenants = [name for name in done.tenants if not life.wait(lambda name=name: is_active(kit, name), 60.0)]
    twice = [name for name, times in effects.items() if times > 1]
    suspects = {name.split()[0].rstrip(":") for name in (*lost, *twice, *stuck, *odd)}
    return {
        "runs": len(done.runs),
        "paused and decided": len(done.decided),
        "approved": len(set(done.approvals)),
        "upgrades": len(done.upgrades),
        "versions": len(done.versions),
        "tenants": len(done.tenants),
        "interrupted": interrupted,
        "lost": lost,
        "twice": twice,
        "stuck": stuck + versions + tenants + not_upgraded(life),
        "odd": odd,
        "seen": {run: kit.run(life.installed, run, whole=True) for run in suspects if life.status(run)},
    }


def not_upgraded(life: Life) -> list[str]:
    """The version that the install did not come to, though its upgrade was acknowledged last."""
    wanted = life.done.upgrades[-1:]
    return [] if not wanted or life.wait(lambda: life.is_at(wanted[0]), 120.0) else [f"upgrade to {wanted[0]}"]


def is_listed(kit: Any, path: str) -> bool:
    """Whether a version is listed."""
    try:
        return kit.publisher.get(path)["status"] == "listed"
    except Failure:
        return False


def is_active(kit: Any, name: str) -> bool:
    """Whether a tenant is active."""
    try:
        return kit.operator.tenants.get(name).status == "active"
    except Failure:
        return False


def is_wrong(counts: dict[str, Any]) -> bool:
    """Whether anything is as it must not be."""
    return any(counts[name] for name in ("lost", "twice", "stuck", "odd"))


def spread(times: list[float]) -> dict[str, float]:
    """The least, the middle and the most of some seconds."""
    rows = sorted(times)
    return (
        {"least": round(rows[0], 2), "median": round(rows[len(rows) // 2], 2), "most": round(rows[-1], 2)}
        if rows
        else {}
    )


def table(counts: dict[str, Any]) -> str:
    """The counts, a line each."""
    shown = {name: value for name, value in counts.items() if name != "seen"}
    rows = [(name, len(cast(list[str], value)) if isinstance(value, list) else value) for name, value in shown.items()]
    wrong = [f"  {row}" for name in ("lost", "twice", "stuck", "odd") for row in counts[name]]
    return "\n".join([*(f"{name:<20}{value}" for name, value in rows), *wrong]) + "\n"


def note(text: str) -> None:
    """Say how far it is."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
