"""What became of the ledger's events, read from the stores, and whether it adds up with what was sent."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from interlock.aws.clients import client
from interlock.aws.tables.dead_letters import DeadLetters
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.dead_letter import NO_TENANT, DeadLetter, DeadState
from interlock.contract.run import Run, RunStatus
from scripts.event_ledger.events import TIMES, Deliveries, Sent
from scripts.event_ledger.stage import Stand

PAGE = 500
SHOWN = 5


@dataclass(frozen=True)
class Count:
    """What the stores hold: the status of each run, each dead letter, and how often each step had its effect."""

    runs: dict[str, str] = field(default_factory=dict[str, str])
    letters: dict[str, DeadLetter] = field(default_factory=dict[str, DeadLetter])
    effects: Counter[str] = field(default_factory=Counter[str])

    def rows(self) -> dict[str, int]:
        """How many of each."""
        statuses, states = Counter(self.runs.values()), Counter(row.state.value for row in self.letters.values())
        return {
            "runs succeeded": statuses[RunStatus.SUCCEEDED.value],
            "runs failed, and visible": statuses[RunStatus.FAILED.value],
            "runs not over": sum(statuses.values()) - statuses["succeeded"] - statuses["failed"],
            "dead letters": states[DeadState.DEAD.value],
            "dead letters redriven": states[DeadState.REDRIVEN.value],
            "deliveries counted in letters": sum(row.count for row in self.letters.values()),
            "effects": self.effects.total(),
            "effects that happened twice": sum(times > 1 for times in self.effects.values()),
        }


def count(table: str, stand: Stand) -> Count:
    """Read what became of everything."""
    current = Count()
    for tenant in stand.tenants:
        for run in _runs(table, tenant):
            current.runs[run.id] = run.status.value
        for letter in _letters(table, tenant):
            current.letters[letter.id] = letter
    mine = {target.install for target in stand.targets}
    # What nobody could read has no tenant; the ledger's say for which install they were made.
    for letter in _letters(table, NO_TENANT):
        value = letter.message.value if letter.message else ""
        if isinstance(value, str) and value.rpartition(" ")[2] in mine:
            current.letters[letter.id] = letter
    bucket = _bucket()
    for target in stand.targets:
        prefix = names.state_prefix(target.tenant, target.install)
        for page in client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for version in page.get("Versions", []):
                current.effects[f"{target.install}/{version['Key'].removeprefix(prefix).removesuffix('.json')}"] += 1
    return current


def problems(sent: Deliveries, before: Count, after: Count) -> list[str]:
    """What does not add up; nothing where all does."""
    broken = {event.id for event in sent.broken}
    values: list[str] = []
    for name, counted, mended in (("before mending", before, False), ("after redriving", after, True)):
        wrong = [line for event in sent.events for line in _check(event, counted, event.id in broken, mended)]
        known = {event.outcome for event in sent.events}
        wrong += [f"{run} is nobody's run" for run in counted.runs if run not in known]
        wrong += [f"{letter} is nobody's letter" for letter in counted.letters if letter not in known]
        due = Counter(_key(event) for event in sent.of("good") if mended or event.id not in broken)
        wrong += [f"{key} had {counted.effects[key]} effects, not {due[key]}" for key in due | counted.effects
                  if counted.effects[key] != due[key]]  # fmt: skip
        total = len(counted.runs) + sum(row.state is DeadState.DEAD for row in counted.letters.values())
        if total != len(sent.events):
            wrong.append(f"{total} outcomes of {len(sent.events)} events")
        values += [f"{name}: {line}" for line in wrong[:SHOWN]]
        values += [f"{name}: {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
    return values


def _check(event: Sent, counted: Count, broken: bool, mended: bool) -> Iterator[str]:
    """What is wrong with one event's outcome."""
    letter, run = counted.letters.get(event.outcome), counted.runs.get(event.outcome, "")
    if event.kind in ("gone", "unreadable") or (broken and not mended):
        if letter is None or letter.state is not DeadState.DEAD or letter.count < TIMES or run:
            text = f"{letter.state}, {letter.count} deliveries" if letter else "none"
            yield f"{event.id} ({event.kind}) is no letter of {TIMES} deliveries: {text}, run {run or 'none'}"
        return
    wanted = {"good": "succeeded", "raises": "failed"}[event.kind]
    if run != wanted:
        yield f"{event.id} ({event.kind}) should be a run that {wanted}: {run or 'none'}"
    if (letter is None) == broken or (letter is not None and letter.state is not DeadState.REDRIVEN):
        yield f"{event.id} ({event.kind}) has a wrong letter: {letter and letter.state}"


def _key(event: Sent) -> str:
    return f"{event.target.install}/{event.id}"


def _runs(table: str, tenant: str) -> Iterator[Run]:
    runs, cursor = Runs(table), None
    while True:
        page = runs.page(tenant, limit=PAGE, cursor=cursor)
        yield from (row.read(Run) for row in page.rows)
        cursor = page.cursor
        if cursor is None:
            return


def _letters(table: str, tenant: str) -> Iterator[DeadLetter]:
    letters = DeadLetters(table)
    for state in DeadState:
        cursor = None
        while True:
            page = letters.page(tenant, state, limit=PAGE, cursor=cursor)
            yield from (row.read(DeadLetter) for row in page.rows)
            cursor = page.cursor
            if cursor is None:
                break


def _bucket() -> str:
    buckets = client("s3").list_buckets()["Buckets"]
    return next(row["Name"] for row in buckets if row["Name"].startswith("interlock-data-"))
