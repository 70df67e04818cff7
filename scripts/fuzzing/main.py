"""`scripts/fuzz`: changed archives, manifests and workflows, by a seed, through what reads them.

Each input gets a verdict; an exception, or two readers that see different things, is a failure, and its input is kept.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.fuzzing import archives, definitions, manifests
from scripts.setup import ROOT

SEED = 20_261_126
COUNTS = {"archives": 1_000_000, "manifests": 100_000, "workflows": 100_000, "api": 100_000}
FAILURES = ROOT / "build" / "fuzz"


@dataclass(frozen=True)
class Target:
    """What is fuzzed.

    Attributes:
        samples: inputs that are right.
        mutate: a changed copy of one.
        attempt: gives it to the platform; its verdict in a word.
    """

    samples: list[Any]
    mutate: Callable[[Any, random.Random], Any]
    attempt: Callable[[Any], str]


@dataclass(frozen=True)
class Result:
    """What came of it: inputs by verdict, and the failures as text."""

    verdicts: Counter[str]
    failures: list[str]
    seconds: float


def target_of(name: str) -> Target:
    """The target of a name."""
    match name:
        case "archives":
            return Target(archives.samples(), archives.mutated, archives.attempt)
        case "manifests":
            return Target(manifests.samples(), manifests.mutated, manifests.attempt)
        case _:
            rows = definitions.shipped()
            steps = definitions.steps_of(rows)
            return Target(rows, definitions.mutated, lambda raw: _code(definitions.checked_and_compiled(raw, steps)))


def fuzz(name: str, count: int, seed: int = SEED) -> Result:
    """Give a target so many changed inputs."""
    if name == "api":
        from scripts.fuzzing.api import fuzz_api

        begin = time.monotonic()
        verdicts, failures = fuzz_api(count, seed)
        return Result(verdicts, failures, time.monotonic() - begin)
    target, chance = target_of(name), random.Random(seed)
    verdicts: Counter[str] = Counter()
    failures: list[str] = []
    begin = time.monotonic()
    for number in range(count):
        value = target.mutate(chance.choice(target.samples), chance)
        try:
            verdicts[target.attempt(value)] += 1
        except Exception as error:
            failures.append(f"{name} {number} of seed {seed}: {type(error).__name__}: {error}\n{value!r}")
    return Result(verdicts, failures, time.monotonic() - begin)


def _code(findings: Any) -> str:
    return findings[0].code if findings else "compiled"


def main(arguments: list[str] | None = None) -> int:
    """Fuzz the targets; the arguments are the process's own by default."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description="Fuzz what reads a publisher's input.")
    parser.add_argument("targets", nargs="*", help=f"of: {', '.join(COUNTS)}")
    parser.add_argument(
        "--count", type=int, help="inputs of each target; by default 1,000,000 archives and 100,000 others"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.targets) - set(COUNTS))
    if unknown:
        parser.error(f"no target is named {unknown[0]}; there are: {', '.join(COUNTS)}")
    if options.count is not None and options.count < 1:
        parser.error("--count must be at least 1")
    rows: dict[str, Result] = {}
    for name in options.targets or COUNTS:
        rows[name] = fuzz(name, options.count or COUNTS[name], options.seed)
        if not options.json:
            sys.stdout.write(_text(name, rows[name]))
            sys.stdout.flush()
    failures = [failure for row in rows.values() for failure in row.failures]
    if failures:
        FAILURES.mkdir(parents=True, exist_ok=True)
        (FAILURES / "failures.txt").write_text("\n\n".join(failures), errors="backslashreplace")
    if options.json:
        shown = {
            name: {"verdicts": row.verdicts, "failures": len(row.failures), "seconds": row.seconds}
            for name, row in rows.items()
        }
        sys.stdout.write(json.dumps(shown, indent=1) + "\n")
    elif failures:
        sys.stdout.write(f"the failures are in {FAILURES / 'failures.txt'}\n")
    return 1 if failures else 0


def _text(name: str, row: Result) -> str:
    common = ", ".join(f"{verdict} {count:,}" for verdict, count in row.verdicts.most_common(4))
    return f"{name}: {row.verdicts.total():,} inputs in {row.seconds:.0f} s, {len(row.failures)} failures ({common})\n"


if __name__ == "__main__":
    sys.exit(main())
