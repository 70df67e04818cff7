"""One attack: what somebody tries, what the platform must answer, and how it is run and measured."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from interlock.bounds.child import OutOfBounds, compute
from interlock.contract.core.base import Json

MOST_SECONDS = 8.0
"""Of a processor. An attack that took more has stopped something: the platform's own limit for one upload is five."""
MOST_MEGABYTES = 320
"""What an attack may add to the process that it is run in."""
ROOM_MEGABYTES = 4_096
"""What the process can take: more than MOST_MEGABYTES, so that an attack which grows is measured."""


@dataclass(frozen=True, slots=True)
class Case:
    """An attack.

    Attributes:
        category: what is attacked, such as `archives`.
        name: what is tried, in a few words.
        wanted: what the answer must begin with, such as `refused archive.path`.
        attempt: tries it, in a process of its own, and says what the answer is.
    """

    category: str
    name: str
    wanted: str
    attempt: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attack got.

    Attributes:
        seen: the answer; an exception by its class, a process that was ended as `stopped`.
        seconds: of a processor that it took, with the processes that it began: another one's work does not count.
        megabytes: what the process took beside what it began with, at its most.
    """

    case: Case
    seen: str
    seconds: float
    megabytes: float

    @property
    def holds(self) -> bool:
        """Whether the answer is the wanted one, in time and memory."""
        bounded = self.seconds <= MOST_SECONDS and self.megabytes <= MOST_MEGABYTES
        return bounded and self.seen.startswith(self.case.wanted)


def run(case: Case, seconds: float = MOST_SECONDS) -> Outcome:
    """Run an attack in a process of its own, which is ended after so many seconds of a processor."""
    try:
        answer = cast(tuple[str, float, float], compute(lambda: _attempt(case), seconds, ROOM_MEGABYTES))
    except OutOfBounds:
        answer = ("stopped", seconds, 0.0)
    return Outcome(case, *answer)


def _attempt(case: Case) -> list[Json]:
    before, begin = _peak(), _worked()
    try:
        seen = case.attempt()
    except BaseException as error:
        seen = f"{type(error).__name__}: {error}"[:200]
    return [seen[:300], _worked() - begin, _peak() - before]


def _worked() -> float:
    """The seconds of a processor that this process took, and those that it began and that are over."""
    return sum(os.times()[:4])


def _peak() -> float:
    """The most memory that this process had, in megabytes; a fork begins with its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    rows = dict(line.split(":", 1) for line in lines)
    return float(rows["VmHWM"].split()[0]) / 1024
