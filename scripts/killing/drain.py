"""Stops the platform while steps are at work, starts it, and counts: every run ends well, every effect once."""

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from interlock.local.platform import down, up
from tests.support.kit import bundle, eventually, kit_of, task
from tests.support.platforms import running_platform
from tests.support.silent import Silent

CODE = """
import threading
from pathlib import Path
from interlock import step

def note(value, ctx):
    with Path(value["file"]).open("a") as file:
        file.write(f"{ctx.info.run} {ctx.info.state}\\n")
    return value

@step
def slow(value, ctx):
    threading.Event().wait(value["seconds"])
    return note(value, ctx)

@step
def work(value, ctx):
    return note(value, ctx)
"""
STATES = {"Slow": task("slow", Next="Last"), "Last": task("work")}
SHORT_SECONDS = 3
OVER_SECONDS = 240.0


def stop_with_runs(folder: Path, runs: int, long_seconds: float) -> dict[str, Any]:
    """Stop a new platform with so many runs in steps of three seconds, and one in a longer step.

    Returns:
        How the runs ended, which effects there are more or less than once, and seconds of `down` and `up`.
    """
    file = folder / "effects"
    with running_platform(folder / "home") as platform, kit_of(platform) as kit:
        files = bundle(CODE, {"slow": "timeout_s = 800", "work": ""}, {"main": {"StartAt": "Slow", "States": STATES}})
        installed = kit.app(files)
        lengths = [long_seconds, *[SHORT_SECONDS] * runs]
        started = [kit.start(installed, "main", {"file": str(file), "seconds": seconds}) for seconds in lengths]
        eventually(lambda: True if any(kit.steps(installed, run)[:1] for run in started) else None, "a step at work")
        # The long step begins with the first of them, and is at work when the stop begins.
        eventually(lambda: True if kit.steps(installed, started[0])[:1] else None, "the long step")
        threading.Event().wait(1.0)
        begun = time.monotonic()
        down(platform.place)
        stopped = time.monotonic()
        recovered = up(Silent(), platform.place).recovered
        ready = time.monotonic()
        statuses = Counter(kit.ended(installed, run, OVER_SECONDS)["status"] for run in started)
        effects = Counter(file.read_text().splitlines())
        wanted = {f"{run} {state}" for run in started for state in STATES}
        return {
            "statuses": dict(statuses),
            "recovered": len(recovered),
            "effects": len(effects),
            "missing": sorted(wanted - set(effects)),
            "twice": [name for name, times in effects.items() if times > 1],
            "down_seconds": round(stopped - begun, 1),
            "up_seconds": round(ready - stopped, 1),
        }
