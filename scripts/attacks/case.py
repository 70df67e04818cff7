"""One attack: what somebody tries, what the platform must answer, and how it is run and measured."""

import json
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MOST_SECONDS = 8.0
"""An attack that took longer has stopped something: the platform's own limit for one upload is five seconds."""
MOST_MEGABYTES = 320
"""What an attack may add to the process that it is run in."""


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
    """Run an attack in a process of its own, which is ended after so many seconds."""
    reader, writer = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        _attempt(case, writer)
    os.close(writer)
    text = _receive(reader, begin + seconds)
    os.close(reader)
    if text is None:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    seen, megabytes = json.loads(text) if text else ("stopped", 0.0)
    return Outcome(case, seen, time.monotonic() - begin, megabytes)


def _attempt(case: Case, writer: int) -> None:
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        before = _peak()
        try:
            seen = case.attempt()
        except BaseException as error:
            seen = f"{type(error).__name__}: {error}"[:200]
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps([seen[:300], _peak() - before]).encode())
    finally:
        os._exit(0)


def _peak() -> float:
    """The most memory that this process and its children had, in megabytes; a fork begins with its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    rows = dict(line.split(":", 1) for line in lines)
    return float(rows["VmHWM"].split()[0]) / 1024


def _receive(reader: int, deadline: float) -> bytes | None:
    pieces: list[bytes] = []
    poller = select.poll()
    poller.register(reader, select.POLLIN | select.POLLHUP)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            return None
        piece = os.read(reader, 65536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
