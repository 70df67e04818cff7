"""What `scripts/bench` measures of reading a history: 25,000 events into graph and timeline, in a process of its own.

The history is one that Step Functions gives: iterations of a Map, each with a Parallel of two Tasks one of which fails
once, a Map inside, and a Choice; events of items that run at the same time stand between one another.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from scripts import setup

EVENTS = 25_000
ROUNDS = 5
AT_ONCE = 40
INNER = 3
PROBE = """
import json, resource, sys, time
from scripts.benchmark.history import history
from interlock.debugger.graph import build
from interlock.debugger.timeline import timeline
events = history(int(sys.argv[1]))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.process_time()
rows = timeline(build(events))
took = time.process_time() - began
print(json.dumps([took, peak() - before, len(events), len(rows)]))
"""


def history_cost() -> tuple[float, float]:
    """Processor seconds, and megabytes by which the process's peak grew: medians."""
    matches: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        parts = [sys.executable, "-c", PROBE, str(EVENTS)]
        done = subprocess.run(parts, cwd=setup.ROOT, check=True, capture_output=True, text=True)
        seconds, megabytes, events, rows = json.loads(done.stdout)
        assert events >= EVENTS and rows > EVENTS / 10, (events, rows)
        matches.append((seconds, megabytes))
    return statistics.median(row[0] for row in matches), statistics.median(row[1] for row in matches)


def history(count: int) -> list[dict[str, Any]]:
    """At least so many events, as GetExecutionHistory answers them."""
    written = _History()
    at = written.add("ExecutionStarted", 0, "executionStarted", {"input": "{}"})
    at = written.add("MapStateStarted", written.entered("Map", "Orders", at), "mapStateStarted", {"length": count})
    index = 0
    while len(written.events) < count:
        items = [_item(written, "Orders", number, at) for number in range(index, index + AT_ONCE)]
        index += AT_ONCE
        for _ in zip_longest(*items):
            pass
    at = written.exited("Map", "Orders", written.add("MapStateSucceeded", len(written.events)))
    written.add("ExecutionSucceeded", at, "executionSucceeded", {"output": "{}"})
    return written.events


class _History:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, kind: str, before: int, name: str = "", details: dict[str, Any] | None = None) -> int:
        number = len(self.events) + 1
        event: dict[str, Any] = {
            "timestamp": f"2026-01-01T00:{number // 60_000 % 60:02d}:{number // 1000 % 60:02d}.{number % 1000:03d}Z",
            "type": kind,
            "id": number,
            "previousEventId": before,
        }
        self.events.append(event | ({f"{name}EventDetails": details} if name else {}))
        return number

    def entered(self, kind: str, state: str, before: int) -> int:
        order = {"name": state, "input": json.dumps({"order": before, "customer": {"name": "C", "tier": "gold"}})}
        return self.add(f"{kind}StateEntered", before, "stateEntered", order)

    def exited(self, kind: str, state: str, before: int) -> int:
        values = {"name": state, "output": json.dumps({"order": before, "total": 119.4, "currency": "EUR"})}
        return self.add(f"{kind}StateExited", before, "stateExited", values)


def _item(written: _History, name: str, index: int, before: int) -> Iterator[None]:
    """One item of the Map; it gives way after each event, so that others stand between."""
    details = {"name": name, "index": index}
    at = written.add("MapIterationStarted", before, "mapIterationStarted", details)
    yield
    at = written.add("ParallelStateStarted", written.entered("Parallel", "Both", at))
    yield
    ends = [at, at]
    for branch, fails in enumerate((0, 1)):
        for _ in (branches := _Task(written, f"Read{branch}", at, fails)):
            yield
        ends[branch] = branches.end
    at = written.exited("Parallel", "Both", written.add("ParallelStateSucceeded", ends[1]))
    yield
    at = written.exited("Choice", "Enough", written.entered("Choice", "Enough", at))
    at = written.add("MapStateStarted", written.entered("Map", "Lines", at), "mapStateStarted", {"length": INNER})
    end = at
    for line in range(INNER):
        inner = {"name": "Lines", "index": line}
        for _ in (task := _Task(written, "Line", written.add("MapIterationStarted", at, "mapIterationStarted", inner))):
            yield
        end = written.add("MapIterationSucceeded", task.end, "mapIterationSucceeded", inner)
    at = written.exited("Map", "Lines", written.add("MapStateSucceeded", end))
    written.add("MapIterationSucceeded", at, "mapIterationSucceeded", details)


class _Task:
    """A Task's events, some of them failing before; `end` is the last one's id."""

    def __init__(self, written: _History, state: str, before: int, fails: int = 0) -> None:
        self.written, self.state, self.fails, self.end = written, state, fails, before

    def __iter__(self) -> Iterator[None]:
        add, fields = self.written.add, {"resourceType": "lambda", "resource": "invoke"}
        self.end = self.written.entered("Task", self.state, self.end)
        yield
        for attempt in range(self.fails + 1):
            self.end = add("TaskScheduled", self.end, "taskScheduled", fields | {"parameters": '{"Payload":{"n":1}}'})
            self.end = add("TaskStarted", self.end, "taskStarted", fields)
            yield
            if attempt < self.fails:
                broken = fields | {"error": "KeyError", "cause": json.dumps({"errorMessage": "'tier'"})}
                self.end = add("TaskFailed", self.end, "taskFailed", broken)
            else:
                self.end = add("TaskSucceeded", self.end, "taskSucceeded", fields | {"output": '{"Payload":{"n":2}}'})
            yield
        self.end = self.written.exited("Task", self.state, self.end)
        yield
