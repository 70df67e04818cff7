"""Measures the platform's promises on an engine of its own; prints a table, and `--json` for docs/performance.md.

Every figure is a ratio of two things measured in this run, or a count, or processor time of one process. Wall times of
whole commands are printed too, and mean something on a quiet machine only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from interlock.contract.catalog import AssetBatch, AssetWrite
from scripts import setup
from scripts.benchmark.console import console_cost
from scripts.benchmark.debug import debug_times, summary
from scripts.benchmark.engine import Engine, chained
from scripts.benchmark.gate import gate_cost
from scripts.benchmark.history import history_cost
from scripts.benchmark.journal import journal_cost
from scripts.benchmark.life import life_cost, slope
from scripts.benchmark.publish import publish_times
from scripts.benchmark.records import record_cost
from scripts.benchmark.runs import command_times, diff_ratio, medians
from scripts.benchmark.static import cold_imports, compile_time, install_sizes, start_ratios

ROUNDS = 12
UPSERTS = 1_000
BATCH = 100


class Row:
    """One line of the table: a figure, its bound, and whether it holds."""

    def __init__(self, name: str, figure: float, unit: str, bound: float | None) -> None:
        """Keep them."""
        self.name, self.figure, self.unit, self.bound = name, figure, unit, bound

    def line(self) -> str:
        """For eyes."""
        bound = "" if self.bound is None else f"<= {self.bound:g}"
        verdict = "" if self.bound is None else "ok" if self.figure <= self.bound else "MISSED"
        return f"{self.name:<58} {self.figure:>9.2f} {self.unit:<6} {bound:<10} {verdict}"


def main() -> None:
    """Measure everything, or what `--only` names."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the platform's promises.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--only",
        default="",
        help="only parts whose name contains this: static, engine, debug, runs, life, publish, journal, console",
    )
    options = parser.parse_args()
    rows: list[Row] = []

    def say(row: Row) -> None:
        rows.append(row)
        if not options.json:
            sys.stdout.write(row.line() + "\n")
            sys.stdout.flush()

    parts: dict[str, Callable[[Callable[[Row], None]], None]] = {
        "static": static,
        "engine": engine_parts,
        "debug": debug_parts,
        "runs": run_parts,
        "life": life_parts,
        "publish": publish_parts,
        "journal": journal_parts,
        "console": console_parts,
    }
    for name, part in parts.items():
        if options.only in ("", name):
            part(say)
    if options.json:
        sys.stdout.write(json.dumps([vars(row) for row in rows], indent=1) + "\n")
    missed = [row for row in rows if row.bound is not None and row.figure > row.bound]
    sys.exit(1 if missed else 0)


def journal_parts(say: Callable[[Row], None]) -> None:
    """What the engine's journal costs a run."""
    say(Row("a run of three steps with the journal, to one without", journal_cost(ROUNDS), "x", 1.1))


def console_parts(say: Callable[[Row], None]) -> None:
    """What the console costs a browser, with the API stood in."""
    cost = console_cost()
    say(Row("console, gzip of what the list of runs loads", cost.first_kb, "kB", 200))
    say(Row("console, gzip of what a run with its graph loads", cost.with_graph_kb, "kB", 420))
    say(Row("a run of 500 steps, from its data to its graph (median of 5)", cost.interactive_ms, "ms", 1_000))
    say(Row("4,000 steps scrolled, the longest frame of 5 rounds", cost.longest_frame_ms, "ms", 50))


def static(say: Callable[[Row], None]) -> None:
    """What needs no engine: imports, sizes, compiling."""
    for name, milliseconds in cold_imports().items():
        say(Row(f"cold import of {name}, beyond boto3 (processor, median of 15)", milliseconds, "ms", 250))
    ratios = start_ratios()
    say(Row("interlock --help, to importing typer, rich and pydantic", ratios.pop("interlock"), "x", 1.5))
    slowest = max(ratios, key=lambda name: ratios[name])
    say(Row(f"the slowest start of a command ({slowest}), to the same", ratios[slowest], "x", 1.8))
    for name, (packages, megabytes) in install_sizes().items():
        most = (8, 30) if name == "interlock" else (25, 80)
        say(Row(f"{name}: packages", packages, "", most[0]))
        say(Row(f"{name}: installed", megabytes, "MB", most[1]))
    say(Row("compile a workflow of 50 states", compile_time(50), "ms", 50))
    seconds, megabytes = history_cost()
    say(Row("read a history of 25,000 events (processor, median of 5)", seconds, "s", 2))
    say(Row("  the process's peak grows by", megabytes, "MB", 300))


def engine_parts(say: Callable[[Row], None]) -> None:
    """What needs the engine: the gate, chains of steps, the catalog."""
    with platform() as engine:
        for name, bound in (("work", 1.25), ("empty", None)):
            by_hand, gated, transitions = chained(engine, name, ROUNDS)
            label = "three steps of 200 ms" if name == "work" else "three empty steps"
            say(Row(f"{label}, chained by hand (median of {ROUNDS})", by_hand, "ms", None))
            say(Row(f"{label}, through the gate (median of {ROUNDS})", gated, "ms", None))
            say(Row(f"{label}, ratio", gated / by_hand, "x", bound))
            say(Row(f"{label}, state transitions added", transitions, "", 0))
        cost = gate_cost(engine)
        say(Row("AWS calls of the gate a step, besides the invocation", cost.calls, "", 3))
        say(Row("gate, processor time a step outside botocore (median of 200)", cost.own_ms, "ms", 8))
        say(Row("gate, processor time a step in total (median of 200)", cost.total_ms, "ms", 25))
        for name, milliseconds in cost.stages.items():
            say(Row(f"  of an empty step through the gate: {name}", milliseconds, "ms", None))
        records = record_cost(engine)
        say(Row("recorder, processor time a step (median of 200)", records.recorder_ms, "ms", 5))
        say(Row("the gate's answer to what is recorded (median of 200)", records.served_ms, "ms", None))
        say(Row("a fork's bookkeeping a reused step, beyond that", records.reused_ms - records.served_ms, "ms", 20))
        say(Row(f"{UPSERTS} catalog upserts by batches of {BATCH}", upserts(engine), "s", 30))


def debug_parts(say: Callable[[Row], None]) -> None:
    """`interlock run debug` of a failed run, to `stopped` on the failing line."""
    with platform() as engine:
        times = debug_times(engine)
        for name, seconds in summary(times).items():
            bound = 5 if name == "p95" else None
            say(Row(f"run debug, from process start to stopped, {name} of {len(times)}", seconds, "s", bound))


def run_parts(say: Callable[[Row], None]) -> None:
    """Runs of 4,000 steps, shown and compared."""
    with platform() as engine:
        times = command_times(engine)
        for name, seconds in medians(times).items():
            bound = None if "--json" in name else 3 if "diff" in name else 2
            say(Row(f"{name} (median of 5)", seconds, "s", bound))
        say(Row("run diff, to run show of one of the two (median of 5 pairs)", diff_ratio(times), "x", 2))


def life_parts(say: Callable[[Row], None]) -> None:
    """Changes of an install among 10, 100 and 1,000 others."""
    with platform() as engine:
        for name, costs in life_cost(engine).items():
            for crowd, cost in costs.items():
                say(Row(f"{name} among {crowd} installs, AWS calls", cost.calls, "", None))
                say(
                    Row(f"{name} among {crowd} installs, through the API (median of 5)", cost.milliseconds, "ms", 2_000)
                )
            say(Row(f"{name}, AWS calls more for each install more", slope(costs), "", 0))


def publish_parts(say: Callable[[Row], None]) -> None:
    """A two-step app with a golden test, from the request to certified."""
    with platform():
        first, *later = publish_times()
        say(Row("publish, with the sandbox's onboarding", first["total"], "s", 20))
        for stage in later[0]:
            bound = 20 if stage == "total" else None
            say(Row(f"publish, {stage} (median of {len(later)})", median(row[stage] for row in later), "s", bound))


def upserts(engine: Engine) -> float:
    """Seconds for UPSERTS new assets through the control API."""
    begun = time.monotonic()
    for first in range(0, UPSERTS, BATCH):
        writes = tuple(
            AssetWrite(qualified_name=f"bench/{number}", type="column", attributes={"data_type": "TEXT", "n": number})
            for number in range(first, first + BATCH)
        )
        changes = engine.client.assets.write(engine.tenant, AssetBatch(writes=writes)).changes
        assert all(change.outcome == "created" for change in changes)
    return time.monotonic() - begun


@contextmanager
def platform() -> Generator[Engine]:
    """A platform of its own, with the bench's app installed for a tenant; gone afterwards."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import choose
    from interlock.local.home import home
    from interlock.local.platform import connect

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "home"
        place.mkdir()
        for tool in ("venv", "xray-venv", "node"):
            if (setup.ROOT / ".interlock" / tool).exists():
                (place / tool).symlink_to(setup.ROOT / ".interlock" / tool)
        os.environ["INTERLOCK_HOME"] = str(place)
        try:
            for parts in (
                ("up", "--port", "0"),
                ("tenant", "create", "acme"),
                ("publisher", "create", "bench"),
                ("app", "publish", "scripts/benchmark/app"),
                ("install", "add", "bench/steps", "--yes"),
            ):
                subprocess.run(["interlock", *parts], check=True, stdout=subprocess.DEVNULL)
            up = connect(home(place))
            yield Engine(platform=up, client=Client(choose("acme", "tenant")), tenant="acme")
        finally:
            subprocess.run(["interlock", "down", "--yes"], check=False, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
