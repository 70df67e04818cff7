"""Kills this process's work between two calls to AWS, as a machine that loses power does, and runs it again.

A kill is no Exception: nothing that catches errors can tidy up after it. It comes after a call has had its effect and
before the next one is made.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from interlock.aws.clients import client

SERVICES = (
    "dynamodb",
    "s3",
    "events",
    "scheduler",
    "secretsmanager",
    "stepfunctions",
    "cloudformation",
    "cognito-idp",
    "kms",
    "sqs",
)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Killer:
    """Counts calls to AWS, and kills before one of them."""

    at: int = 0
    """Before which call, from 1; 0 for none."""
    calls: list[str] = field(default_factory=list[str])

    def heard(self, model: Any, **_words: Any) -> None:
        """A call is about to be made."""
        if self.at and len(self.calls) + 1 == self.at:
            self.at = 0
            raise Killed(model.name)
        self.calls.append(model.name)


@contextmanager
def listening() -> Generator[Killer]:
    """A killer that hears every call of this process."""
    killer = Killer()
    name = f"killer-{id(killer)}"
    for service in SERVICES:
        client(service).meta.events.register("before-call.*.*", killer.heard, unique_id=name)
    try:
        yield killer
    finally:
        for service in SERVICES:
            client(service).meta.events.unregister("before-call.*.*", unique_id=name)


@dataclass(frozen=True)
class Outcome:
    """What became of a saga that was killed before each of its calls, and run again."""

    saga: str
    calls: int
    wished: int
    """Points after which it reached the wished state."""
    restored: int
    """Points after which it was back where it began."""

    def row(self) -> str:
        """As a line of the table."""
        neither = self.calls - self.wished - self.restored
        return f"| {self.saga} | {self.calls} | {self.wished} | {self.restored} | {neither} |"


World = dict[str, set[str]]


def crash_everywhere(
    saga: str,
    prepare: Callable[[], str],
    act: Callable[[str], None],
    look: Callable[[str], World],
    *,
    points: range | None = None,
) -> Outcome:
    """Kill a saga before each of its calls but the first, then run it again from the beginning.

    Args:
        saga: its name.
        prepare: makes a fresh subject, and answers its name.
        act: does the whole saga: request and workflow. It is what is killed, and what is done again.
        look: what there is of a subject in AWS, by words that do not hold its name.
        points: only these calls.

    Raises:
        AssertionError: after some point there is neither what was wished nor what was there before.
    """
    with listening() as killer:
        subject = prepare()
        before = look(subject)
        killer.calls.clear()
        act(subject)
        calls = list(killer.calls)
        wished = look(subject)
        assert wished != before, f"{saga} does nothing"
        counts = {"wished": 0, "restored": 0}
        for point in points or range(2, len(calls) + 1):
            subject = prepare()
            killer.calls.clear()
            killer.at = point
            try:
                act(subject)
            except Killed:
                pass
            killer.at = 0
            act(subject)
            result = look(subject)
            assert result in (wished, before), f"{saga}, killed before call {point} ({calls[point - 1]}): {result}"
            counts["wished" if result == wished else "restored"] += 1
    return Outcome(saga=saga, calls=len(calls) - 1, **counts)
