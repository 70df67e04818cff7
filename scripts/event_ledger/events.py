"""The ledger's events: what is sent, how often and in which order, and when all of it has come to its end."""

import json
import random
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, Self

from interlock.aws.clients import client
from interlock.aws.services.event_bus import put_events
from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits, names
from interlock.contract.core.base import now
from interlock.contract.event import USER_SOURCE, AppDetail
from interlock.contract.start_message import StartMessage

BROKEN = "broken"
TIMES = 3
"""How often each event is delivered."""
RAISES, GONE, UNREADABLE = 0.03, 0.01, 0.01
"""Poison: a step that fails, a workflow that is not there, a message that nobody can read."""
SENDERS = 4
SQS_BATCH = 10
QUEUES = ("interlock-starts", "interlock-starts-dead", "interlock-ends")
POLL_SECONDS = 1.0
QUIET_POLLS = 2
MOST_WAITING, MOST_RUNNING = 120, 30
PACE_SECONDS = 0.2
TELL_SECONDS = 15


@dataclass(frozen=True)
class Size:
    """How many events, in how many tenants, with how many apps each beside the one that is broken."""

    events: int
    tenants: int
    apps: int


FULL = Size(events=10_000, tenants=7, apps=7)


@dataclass(frozen=True)
class Target:
    """An install, and the event that it listens for."""

    tenant: str
    install: str
    app: str
    event: str


class Targets(Protocol):
    """What events are sent to."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """Every install."""
        ...


@dataclass(frozen=True)
class Sent:
    """One event: its change id, where it goes, and what is wrong with it."""

    id: str
    target: Target
    kind: str
    """`good`, `raises`, `gone` or `unreadable`."""

    @property
    def outcome(self) -> str:
        """The id of the run or of the dead letter that it must become."""
        if self.kind == "unreadable":
            return names.run_id("-", self.message())
        workflow = "gone" if self.kind == "gone" else "main"
        target = self.target
        return names.run_id(target.tenant, target.install, workflow, f"event:{target.event}", self.id, "")

    def detail(self) -> str:
        """The event's detail."""
        data = {"poison": self.kind == "raises"}
        at = now()
        return AppDetail(
            id=self.id, type=self.target.event, tenant=self.target.tenant, at=at, data=data
        ).model_dump_json()

    def message(self) -> str:
        """What is put straight on the queue of starts, for what no rule would put there."""
        if self.kind == "unreadable":
            return f"{self.id}: no start at all, of {self.target.install}"
        event: dict[str, Any] = {"id": self.id, "detail-type": self.target.event, "detail": json.loads(self.detail())}
        return StartMessage(
            tenant=self.target.tenant,
            install=self.target.install,
            workflow="gone",
            trigger=f"event:{self.target.event}",
            kind="event",
            event=event,
        ).model_dump_json()


@dataclass(frozen=True)
class Deliveries:
    """Every event, once."""

    events: tuple[Sent, ...]

    @classmethod
    def make(cls, stand: Targets, size: Size, seed: int = 1) -> Self:
        """Events for each install in turn, a twentieth of them poison."""
        dice = random.Random(seed)
        sents: list[Sent] = []
        for number in range(size.events):
            target = stand.targets[number % len(stand.targets)]
            throw = dice.random()
            kind = "raises" if throw < RAISES else "gone" if throw < RAISES + GONE else "good"
            kind = "unreadable" if RAISES + GONE <= throw < RAISES + GONE + UNREADABLE else kind
            sents.append(Sent(id=f"e{number:05d}", target=target, kind=kind))
        return cls(events=tuple(sents))

    def of(self, *kinds: str) -> list[Sent]:
        """The events of some kinds."""
        return [sent for sent in self.events if sent.kind in kinds]

    @property
    def broken(self) -> list[Sent]:
        """The events that a rule brings to the broken install."""
        return [sent for sent in self.of("good", "raises") if sent.target.event == f"ledger.{BROKEN}"]


def send(table: str, sent: Deliveries, seed: int = 2) -> None:
    """Deliver each event TIMES times, all of them mixed, no faster than one machine can run them."""
    every = [event for event in sent.events for _ in range(TIMES)]
    random.Random(seed).shuffle(every)
    by_bus: dict[str, list[tuple[str, str, str]]] = {}
    direct: list[str] = []
    for event in every:
        if event.kind in ("gone", "unreadable"):
            direct.append(event.message())
        else:
            row = (USER_SOURCE, event.target.event, event.detail())
            by_bus.setdefault(event.target.tenant, []).append(row)
    batches = [
        (tenant, rows[at : at + limits.EVENTS_PER_PUT])
        for tenant, rows in by_bus.items()
        for at in range(0, len(rows), limits.EVENTS_PER_PUT)
    ]
    random.Random(seed).shuffle(batches)
    _put(direct)
    runs, sent_at = Runs(table), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        for at in range(0, len(batches), SENDERS):
            if time.monotonic() - sent_at > TELL_SECONDS:
                sent_at = time.monotonic()
                sys.stderr.write(f"  {at / len(batches):.0%} of {len(every):,} deliveries are sent\n")
            for done in [pool.submit(put_events, *batch) for batch in batches[at : at + SENDERS]]:
                done.result()
            while _waiting() > MOST_WAITING or sum(1 for _ in runs.running()) > MOST_RUNNING:
                threading.Event().wait(PACE_SECONDS)


def settle(table: str, deadline: float) -> None:
    """Wait until no message and no run is left.

    Raises:
        TimeoutError: it took longer than `deadline` seconds.
    """
    runs, quiet, begun = Runs(table), 0, time.monotonic()
    while quiet < QUIET_POLLS:
        if time.monotonic() - begun > deadline:
            raise TimeoutError(f"after {deadline:.0f} s {_waiting()} messages wait, and runs are under way")
        busy = _waiting() > 0 or next(runs.running(), None) is not None
        quiet = 0 if busy else quiet + 1
        threading.Event().wait(POLL_SECONDS)


def _waiting() -> int:
    # A start that finds no place goes back to its queue with a delay.
    sqs, count = client("sqs"), 0
    for name in QUEUES:
        parts = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ]
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        count += sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=parts)["Attributes"].values()))
    return count


def _put(bodies: Sequence[str]) -> None:
    queue = client("sqs").get_queue_url(QueueName=QUEUES[0])["QueueUrl"]
    for at in range(0, len(bodies), SQS_BATCH):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[at : at + SQS_BATCH])]
        answer = client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise RuntimeError(f"the queue refused messages: {answer['Failed']}")
