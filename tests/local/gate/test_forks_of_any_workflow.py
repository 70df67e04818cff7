"""A fork without edits ends as its parent did, and runs nothing that ended before its fork point.

Workflows are made by chance, and so is which one to fork, and where. What ran is counted twice: by a side
effect of the steps (a line in a file for each call), and by the records. Five times as many are forked in
tests/integration/gate/test_forks_of_any_workflow.py, without the engine.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.gate_workflows import plain
from tests.support.kit import Installed, Kit, bundle
from tests.support.random_workflows import STEPS, workflow
from tests.support.random_workflows import given as input_of

SEEDS = tuple(range(300, 309))
PER_VERSION = 9
FORKS = 20
AT_ONCE = 6
SECONDS = 120
CODE = """
import json, zlib
from pathlib import Path
from random import Random
from interlock import step

FOLDER = "@FOLDER@"


class Broken(Exception):
    pass


class Flaky(Exception):
    pass


def clean(value):
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items() if key != "Cause"}
    return [clean(item) for item in value] if isinstance(value, list) else value


def do(kind, value, ctx):
    with Path(f"{FOLDER}/{ctx.run}").open("a") as file:
        file.write(ctx.info.state + "\\n")
    mark = zlib.crc32(json.dumps(clean(value), sort_keys=True).encode())
    if kind == "add" and isinstance(value, dict):
        return {**value, "n": (value.get("n") if isinstance(value.get("n"), int) else 0) + 1}
    if kind == "pick" and mark % 5 == 0:
        raise Broken("by chance")
    if kind == "flaky" and ctx.attempt == 0:
        raise Flaky("the first time")
    return value
""" + "".join(f"\n\n@step\ndef {name}(value, ctx):\n    return do({name!r}, value, ctx)\n" for name in STEPS)


@dataclass(frozen=True)
class Parent:
    """A run that is over."""

    installed: Installed
    run: dict[str, Any]
    steps: list[dict[str, Any]]

    @property
    def visits(self) -> list[dict[str, Any]]:
        """The last attempt of each visit, in the order of time."""
        last: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in self.steps:
            last[row["entered"], row["state"], row["index"], row["digest"]] = row
        return sorted(last.values(), key=lambda row: (row["entered"], row["started"]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("forks")


@pytest.fixture(scope="module")
def parents(kit: Kit, folder: Path) -> list[Parent]:
    """Runs of generated workflows that visited at least two steps."""
    code = CODE.replace("@FOLDER@", str(folder))
    subject: dict[int, Installed] = {}
    for first in range(0, len(SEEDS), PER_VERSION):
        seeds = SEEDS[first : first + PER_VERSION]
        installed = kit.app(bundle(code, dict.fromkeys(STEPS, ""), {f"w{seed}": workflow(seed) for seed in seeds}))
        subject |= dict.fromkeys(seeds, installed)

    def one(seed: int) -> Parent:
        installed = subject[seed]
        run = kit.start(installed, f"w{seed}", input_of(seed))
        return Parent(installed, kit.ended(installed, run, SECONDS), kit.steps(installed, run))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        result = list(pool.map(one, SEEDS))
    return [parent for parent in result if len(parent.visits) > 1]


def position(parent: Parent, visit: dict[str, Any]) -> str:
    """How a person names the visit."""
    same = [row for row in parent.visits if (row["state"], row["index"]) == (visit["state"], visit["index"])]
    index = f"[{visit['index']}]" if visit["index"] is not None else ""
    return f"{visit['state']}{index}@{same.index(visit) + 1}"


def wrongs(kit: Kit, folder: Path, parent: Parent, visit: dict[str, Any], counts: Counter[str]) -> list[str]:
    """Fork at a visit; what is not as it should be."""
    at, who, installed = position(parent, visit), parent.installed.tenant, parent.installed
    path = f"/v1/tenants/{who}/runs/{parent.run['id']}/forks"
    subject = kit.tenants[who].post(path, {"at": at, "accept": ["fork.unknown-end"]})
    child = kit.ended(installed, subject["run"], SECONDS)
    steps = kit.steps(installed, subject["run"])
    ran = Counter(row["state"] for row in steps if not row["reused"])
    file = folder / subject["run"]
    called = Counter(file.read_text().splitlines() if file.exists() else ())
    behind = Counter(
        row["state"] for row in parent.steps if row["entered"] >= visit["entered"] or row["status"] == "failed"
    )
    # Of a run that failed, another branch may not have come as far as it does now.
    reached = {row["state"] for row in parent.steps} if parent.run["status"] == "failed" else set(called)
    ended = {
        row["state"] for row in parent.visits if row["status"] == "succeeded" and row["entered"] < visit["entered"]
    }
    name = f"{parent.run['workflow']} at {at}"
    rows: list[str] = []
    outcomes = [_outcome(run) for run in (parent.run, child)]
    if outcomes[0] != outcomes[1]:
        rows.append(f"{name}: {outcomes[0]} became {outcomes[1]} {child['failed']}")
    if called != ran:
        rows.append(f"{name}: {dict(called)} calls, but {dict(ran)} records")
    if too_many := Counter({state: count for state, count in called.items() if state in reached}) - behind:
        rows.append(f"{name}: {dict(too_many)} ran again (of {dict(called)})")
    if wrongly := {state for state in ended - set(behind) if called[state]}:
        rows.append(f"{name}: {wrongly} had ended before the fork point and ran again")
    # A branch beside it may fail by what was recorded, and stop it before its function is called.
    stopped = child["status"] == "failed" and not any(row["ended"] for row in steps if row["state"] == visit["state"])
    if visit["state"] not in called and not stopped:
        rows.append(f"{name}: the fork point did not run")
    counts["forks"] += 1
    counts["reused"] += sum(bool(row["reused"]) for row in steps)
    counts["run"] += sum(called.values())
    counts["in a Map"] += visit["index"] is not None
    counts[child["status"]] += 1
    return rows


def _outcome(run: dict[str, Any]) -> tuple[str, str | None, str]:
    return run["status"], run["failed"] and run["failed"].get("error"), _output(run)


def _output(run: dict[str, Any]) -> str:
    return json.dumps(plain(run["output"]["value"]) if run["output"] else None, sort_keys=True)


def test_a_fork_without_edits_ends_as_its_parent_did(
    kit: Kit, folder: Path, parents: list[Parent], capsys: pytest.CaptureFixture[str]
) -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    lock = threading.Lock()

    def one(drawn: tuple[int, int]) -> None:
        parent = parents[drawn[0]]
        visits = parent.visits
        mine: Counter[str] = Counter()
        result = wrongs(kit, folder, parent, visits[drawn[1] * len(visits) // 100], mine)
        with lock:
            wrong.extend(result)
            counts.update(mine)

    begun = time.monotonic()
    draw = Random(FORKS)
    drawn = [(draw.randrange(len(parents)), draw.randrange(100)) for _ in range(FORKS)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, drawn))
    spent = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n{len(wrong)} wrong, {spent:.0f} s: {json.dumps(dict(counts))}\n")
    assert not wrong, "\n".join(wrong)
    assert counts["forks"] >= FORKS
    assert counts["reused"] > 0
