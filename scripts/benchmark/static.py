"""What `scripts/bench` measures without an engine: cold imports, starts of commands, sizes of installs, compiling."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from interlock.cli.commands import COMMANDS, Command, Group
from interlock.compiler.gate import canonical, compile_workflow
from interlock.compiler.spill import plan_spill
from interlock.compiler.workflow import Raw, check
from scripts import setup

IMPORT_ROUNDS = 15
COMPILE_ROUNDS = 20
START_ROUNDS = 5
SLOWEST, SLOWEST_ROUNDS = 5, 15
IMPORTS = {"a step's runtime": "interlock.sdk.runtime", "the gate": "functions.gate.handler"}
PROBE = """
import sys, time
import boto3
before = time.process_time()
__import__(sys.argv[1])
print((time.process_time() - before) * 1000)
"""
LIBRARIES = "import typer, rich, pydantic"
"""What the command line is made of: its start is measured against it."""
COMMAND = "from interlock.cli.main import main; main()"


def cold_imports() -> dict[str, float]:
    """Processor milliseconds of an import beyond boto3's, each in fresh processes with bytecode, interleaved."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    entries: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for round_ in range(IMPORT_ROUNDS + 1):
        for name, module in IMPORTS.items():
            parts = [sys.executable, "-c", PROBE, module]
            done = subprocess.run(parts, cwd=setup.ROOT, env=environment, check=True, capture_output=True, text=True)
            if round_:
                entries[name].append(float(done.stdout))
    return {name: statistics.median(values) for name, values in entries.items()}


def start_ratios() -> dict[str, float]:
    """Processor time of `interlock COMMAND --help` to that of importing the libraries, for one command of each module.

    Each is the median of ratios, one for each round; a round starts every command once, in a process of its own. The
    slowest few are measured again with more rounds, because the largest of many medians is the unluckiest one.
    """
    commands = {"interlock": ["--help"]} | {
        f"interlock {' '.join(path)}": [*path, "--help"] for path in _one_of_each_module(COMMANDS)
    }
    first = _ratios(commands, START_ROUNDS)
    slowest = sorted(commands, key=lambda name: -first[name])[:SLOWEST]
    return first | _ratios({name: commands[name] for name in slowest}, SLOWEST_ROUNDS)


def _ratios(commands: Mapping[str, list[str]], rounds: int) -> dict[str, float]:
    ratios: dict[str, list[float]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        libraries = _processor_seconds(LIBRARIES, [])
        for name, arguments in commands.items():
            ratio = _processor_seconds(COMMAND, arguments) / libraries
            if round_:
                ratios[name].append(ratio)
    return {name: statistics.median(values) for name, values in ratios.items()}


def install_sizes() -> dict[str, tuple[int, float]]:
    """Packages and megabytes of the base install and of `interlock[cli]`, in new environments, without bytecode."""
    values: dict[str, tuple[int, float]] = {}
    uv = str(setup.uv())
    for name, extra in (("interlock", ""), ("interlock[cli]", "[cli]")):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "venv"
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
            python = str(place / "bin" / "python")
            subprocess.run([uv, "pip", "install", "--quiet", "--python", python, f"{setup.ROOT}{extra}"], check=True)
            site = next(place.glob("lib/python*/site-packages"))
            packages = len(list(site.glob("*.dist-info")))
            bytes_ = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
            values[name] = (packages, bytes_ / 1e6)
    return values


def compile_time(states: int) -> float:
    """Milliseconds to check and compile a workflow of so many states, best of a few rounds after a warm one."""
    raw = workflow_of(states)
    took: list[float] = []
    for _ in range(COMPILE_ROUNDS):
        begun = time.process_time()
        assert not check(raw, "bench.asl.json", {"one": 60})
        canonical(compile_workflow(raw, {"one": 60}))
        plan_spill(raw)
        took.append((time.process_time() - begun) * 1000)
    return statistics.median(took)


def workflow_of(states: int) -> Raw:
    """Tasks and Choices in turn, with Retry and Catch."""
    values: dict[str, Raw] = {}
    for number in range(states - 1):
        after = f"S{number + 1}" if number < states - 2 else "End"
        if number % 5 == 4:
            rule = {"Variable": "$.n", "NumericGreaterThan": number, "Next": after}
            values[f"S{number}"] = {"Type": "Choice", "Choices": [rule], "Default": "End"}
        else:
            values[f"S{number}"] = {
                "Type": "Task",
                "Resource": "${one}",
                "Parameters": {"n.$": "$.n"},
                "ResultPath": "$.result",
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "End"}],
                "Next": after,
            }
    values["End"] = {"Type": "Succeed"}
    return {"StartAt": "S0", "States": values}


def _one_of_each_module(table: Mapping[str, Command | Group]) -> list[tuple[str, ...]]:
    """The path of the first command of each module."""
    first: dict[str, tuple[str, ...]] = {}
    for path, command in _commands(table, ()):
        first.setdefault(command.module, path)
    return list(first.values())


def _commands(table: Mapping[str, Command | Group], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Command]]:
    for name, entry in table.items():
        match entry:
            case Command():
                yield (*path, name), entry
            case Group():
                yield from _commands(entry.entries, (*path, name))


def _processor_seconds(code: str, arguments: list[str]) -> float:
    """What a process of its own takes for this code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=setup.ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
