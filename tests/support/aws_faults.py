"""Disturbs one call to AWS at a time, by plan: a kill, a refusal, an answer that is lost, a batch done in part.

An error is given in the place of what the SDK answers after its retries; only REPEATED is about a retry itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from interlock.aws.clients import client
from interlock.aws.errors import AWS_ERRORS
from interlock.contract.core.failure import Failure
from tests.support.crashes import SERVICES, Killed

Subject = TypeVar("Subject")


class Fault(StrEnum):
    """What becomes of a call."""

    KILL = "kill"
    """The process is gone before it."""
    THROTTLE = "throttle"
    ERROR = "error"
    LOST = "lost"
    """It has its effect, and its answer never comes."""
    REPEATED = "repeated"
    """It has its effect, its answer never comes, and the SDK makes it again."""
    PART = "part"
    """Only a part of a batch has its effect."""


BATCHES = ("BatchWriteItem", "PutEvents", "TransactWriteItems")
"""The calls of several items that can fail in part, or as a whole for one of the items."""
REFUSALS = {
    Fault.THROTTLE: (400, "ThrottlingException"),
    Fault.ERROR: (500, "InternalServerError"),
}


@dataclass
class Disturber:
    """Counts calls to AWS, and disturbs one of them."""

    fault: Fault = Fault.KILL
    at: int = 0
    """Which call, from 1; 0 for none."""
    calls: list[str] = field(default_factory=list[str])
    active: bool = False
    """Whether the call that is made now is the one."""
    disturbed: str = ""
    """The last call that was disturbed."""
    left: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a batch leaves undone."""

    def begin(self, model: Any, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """A call is about to be made."""
        self.active = self.at == len(self.calls) + 1
        if self.active:
            self.disturbed = model.name
        if self.active and self.fault is Fault.KILL:
            self.at = 0
            raise Killed(model.name)
        self.calls.append(model.name)
        if not self.active:
            return None
        if self.fault in REFUSALS:
            status, code = REFUSALS[self.fault]
            return refusal(status, {"Code": code, "Message": "by plan"})
        return self._part(model.name, params) if self.fault is Fault.PART else None

    def retried(self, attempts: int, **_: Any) -> float | None:
        """Whether the SDK makes the call again: in no seconds, where its first answer is lost."""
        return 0 if self.active and self.fault is Fault.REPEATED and attempts == 1 else None

    def end(self, model: Any, parsed: dict[str, Any], **_: Any) -> None:
        """A call was made."""
        if self.active and self.fault is Fault.LOST:
            self.active = False
            raise ReadTimeoutError(endpoint_url=model.name)
        if self.active and self.left:
            parsed["UnprocessedItems"] = self.left
        self.active, self.left = False, {}

    def _part(self, name: str, params: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        body = json.loads(params["body"])
        if name == "TransactWriteItems":
            reasons = [{"Code": "ThrottlingError"}, *({"Code": "None"} for _ in body["TransactItems"][1:])]
            error = {"Code": "TransactionCanceledException", "Message": "by plan"}
            return refusal(400, error, CancellationReasons=reasons)
        if name == "PutEvents":
            failed = [{"ErrorCode": "InternalFailure", "ErrorMessage": "by plan"} for _ in body["Entries"]]
            return answer(200), {"FailedEntryCount": len(failed), "Entries": failed}
        for table, rows in body["RequestItems"].items():
            self.left[table] = rows[len(rows) // 2 :]
            body["RequestItems"][table] = rows[: len(rows) // 2]
        body["RequestItems"] = {table: rows for table, rows in body["RequestItems"].items() if rows}
        params["body"] = json.dumps(body).encode()
        return None if body["RequestItems"] else (answer(200), {})


def answer(status: int) -> AWSResponse:
    """An answer of AWS, without a body."""
    return AWSResponse("", status, HTTPHeaders(), None)


def refusal(status: int, error: dict[str, str], **fields: Any) -> tuple[AWSResponse, dict[str, Any]]:
    """A refusal of AWS, as botocore reads it."""
    return answer(status), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}} | fields


@contextmanager
def disturbing() -> Generator[Disturber]:
    """A disturber that hears every call of this process."""
    subject = Disturber()
    name = f"disturber-{id(subject)}"
    hooks = {"before-call": subject.begin, "needs-retry": subject.retried, "after-call": subject.end}
    for service in SERVICES:
        for event, hook in hooks.items():
            client(service).meta.events.register_first(f"{event}.*.*", hook, unique_id=f"{name}-{event}")
    try:
        yield subject
    finally:
        for service in SERVICES:
            for event in hooks:
                client(service).meta.events.unregister(f"{event}.*.*", unique_id=f"{name}-{event}")


@dataclass(frozen=True)
class Case(Generic[Subject]):
    """A use case, and what is seen of it."""

    name: str
    prepare: Callable[[str], Subject]
    """Makes a fresh subject, by a word that is its own."""
    act: Callable[[Subject], object]
    look: Callable[[Subject], Any]
    """What there is afterwards, by words that do not hold the subject's name."""
    again: Callable[[Subject], object] | None = None
    """The next delivery, or the next round; `act` where it is None."""


@dataclass(frozen=True)
class Outcome:
    """How a use case took its disturbances."""

    case: str
    calls: int
    kills: int
    faults: int

    def row(self) -> str:
        """As a line of the table."""
        return f"| {self.case} | {self.calls} | {self.kills} | {self.faults} | {self.kills + self.faults} |"


def show(capsys: pytest.CaptureFixture[str], outcome: Outcome) -> None:
    """Print a line of the table."""
    with capsys.disabled():
        sys.stdout.write(f"\n{outcome.row()}\n")


def disturb_everywhere(case: Case[Subject], faults: tuple[Fault, ...] = tuple(Fault)) -> Outcome:
    """Do a use case with each fault at each of its calls, then once more without: it ends as if nothing had been.

    Raises:
        AssertionError: after some fault something is lost, or done twice.
    """
    counts = {"kills": 0, "faults": 0}
    with disturbing() as disturber:
        subject = case.prepare("plain")
        disturber.calls.clear()
        case.act(subject)
        calls = list(disturber.calls)
        (case.again or case.act)(subject)
        wished = case.look(subject)
        for fault in faults:
            for point in _points(fault, calls):
                subject = case.prepare(f"{fault}-{point}")
                disturber.calls.clear()
                disturber.fault, disturber.at = fault, point
                try:
                    case.act(subject)
                except (Killed, Failure, *AWS_ERRORS):
                    pass
                disturber.at, disturber.active = 0, False
                assert disturber.disturbed == calls[point - 1], f"{case.name} does not make the same calls each time"
                (case.again or case.act)(subject)
                seen = case.look(subject)
                assert seen == wished, (
                    f"{case.name}, {fault} at call {point} ({calls[point - 1]}): {seen}, not {wished}"
                )
                counts["kills" if fault is Fault.KILL else "faults"] += 1
    return Outcome(case.name, len(calls), **counts)


def _points(fault: Fault, calls: list[str]) -> list[int]:
    """At which calls a fault says something: what was read changes nothing, so that only what was written is cut off.

    A row of the same reads is one; any error may come of a read, so that throttling says no more than a failure.
    """
    numbered = list(enumerate(calls, 1))
    writes = [point for point, name in numbered if _writes(name)]
    if fault is Fault.KILL:
        return [point + 1 for point in writes if point < len(calls)]
    if fault is Fault.PART:
        return [point for point, name in numbered if name in BATCHES]
    if fault is Fault.REPEATED:
        # A transaction has a token, by which DynamoDB knows it again; moto does not.
        return [point for point in writes if calls[point - 1] != "TransactWriteItems"]
    if fault is Fault.ERROR:
        return [point for point, name in numbered if _writes(name) or point == 1 or calls[point - 2] != name]
    return writes


def _writes(name: str) -> bool:
    return not name.startswith(("Get", "Query", "List", "Describe", "Head", "BatchGet"))
