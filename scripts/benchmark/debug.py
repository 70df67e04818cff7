"""What `scripts/bench` measures of `interlock run debug`: from process start to `stopped` on the failing line.

A failed run of the bench's app is debugged again and again by a scripted client, as by an editor: initialize, attach,
configurationDone, stackTrace. The bundle is fetched and unpacked in the first round, which counts like the others.
"""

import json
import statistics
import subprocess
import time
from pathlib import Path

from interlock.contract.run_request import RunRequest
from scripts import setup
from scripts.benchmark.engine import Engine, waited
from tests.support.dap import Dap

ROUNDS = 30
STEPS = setup.ROOT / "scripts" / "benchmark" / "app" / "bench" / "steps.py"
MARK = "# the line that fails"


def debug_times(engine: Engine, rounds: int = ROUNDS) -> list[float]:
    """Seconds of each round, in order.

    Raises:
        AssertionError: it stopped elsewhere.
    """
    request = RunRequest(app="bench/steps", workflow="fails", input={"n": 0})
    run = waited(engine, engine.client.runs.start(engine.tenant, request).run).id
    line = next(number for number, text in enumerate(STEPS.read_text().splitlines(), 1) if text.endswith(MARK))
    return [_stopped(run, line) for _ in range(rounds)]


def _stopped(run: str, line: int) -> float:
    parts = ["interlock", "run", "debug", run, "--json", "--no-editor"]
    begun = time.monotonic()
    with subprocess.Popen(parts, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with Dap(ready["port"]) as dap:
            dap.attach()
            stop = dap.stopped()
            took = time.monotonic() - begun
            assert (Path(stop.file).name, stop.line) == (STEPS.name, line), (stop.file, stop.line)
            dap.go(stop)
        process.stdout.read()
    return took


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(share * len(ordered) + 0.5) - 1))]


def summary(values: list[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum, in seconds."""
    return {"p50": statistics.median(values), "p95": percentile(values, 0.95), "max": max(values)}
