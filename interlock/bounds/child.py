"""Does a computation in a process of its own, which is killed when it takes too long and can't take much memory.

The process is a fork, so it costs a few milliseconds and no import, and it needs no shared memory, which Lambda does
not have. It shares nothing with the one that waits: whatever it does there, the run is untouched.
"""

import contextlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

from interlock.contract.core.base import Json

SECONDS = 0.3
"""Of a processor, for the computation; then the process ends."""
WALL_FACTOR = 5
"""From the fork to the answer, as a multiple of those seconds: a busy machine gives a process a part of its time."""
MEGABYTES = 64
"""What the process may take beside what it has at its start."""
_STATM = Path("/proc/self/statm")
ANSWER_BYTES = 64 * 1024
"""What an answer may weigh as JSON."""
_READ = 64 * 1024


class OutOfBounds(Exception):
    """A computation has no answer: it took too long, took too much memory, or failed. The text says which."""


class NoAnswerInTime(OutOfBounds):
    """The process had no answer when its time ended, and had not used what it may: the machine was busy, not the work.

    The same computation can have an answer at another time.
    """


def compute(
    work: Callable[[], Json],
    seconds: float = SECONDS,
    megabytes: int = MEGABYTES,
    answer_bytes: int = ANSWER_BYTES,
    wall_seconds: float | None = None,
) -> Json:
    """The answer of a computation, done in another process.

    Args:
        work: answers something that JSON can hold.
        seconds: of a processor that it may take.
        megabytes: how much memory it may take beside what the process has.
        answer_bytes: what the answer may weigh.
        wall_seconds: how long the answer is awaited; WALL_FACTOR times `seconds` by default.

    Raises:
        OutOfBounds: there is no answer.
        NoAnswerInTime: there is none, and the computation may not be why.
    """
    wall = seconds * WALL_FACTOR if wall_seconds is None else wall_seconds
    deadline = time.monotonic() + wall
    try:
        reader, writer = os.pipe()
        child = os.fork()
    except OSError as error:
        raise OutOfBounds(f"a process for it could not be started: {error}") from error
    if child == 0:
        _run(work, writer, (seconds, megabytes, answer_bytes))
    os.close(writer)
    try:
        text = _receive(reader, deadline)
    finally:
        os.close(reader)
        signalled = _end(child)
    if text is None:
        raise NoAnswerInTime(f"it had no answer in {wall:.1f} s, because the machine was busy")
    if signalled == signal.SIGPROF:
        raise OutOfBounds(f"it took more than {seconds:.1f} s")
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise OutOfBounds(f"it took more than {megabytes} MB of memory or ended its process") from error
    if "error" in answer:
        raise OutOfBounds(answer["error"])
    return answer["value"]


def _run(work: Callable[[], Json], writer: int, bounds: tuple[float, int, int]) -> None:
    """In the child: do the work, write the answer, and end without any of the parent's clean-up."""
    seconds, megabytes, answer_bytes = bounds
    try:
        # A native library that has no memory left writes about it before it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        _limit(seconds, megabytes)
        try:
            answer = json.dumps({"value": work()})
        except MemoryError:
            answer = json.dumps({"error": f"it took more than {megabytes} MB of memory"})
        except BaseException as error:
            answer = json.dumps({"error": str(error)[:1000] or type(error).__name__})
        if len(answer) > answer_bytes:
            answer = json.dumps({"error": f"its answer has more than {answer_bytes // 1024} KB"})
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer.encode())
    finally:
        os._exit(0)


def _limit(seconds: float, megabytes: int) -> None:
    # Where a system has no such limit, the deadline is still there.
    with contextlib.suppress(OSError, ValueError):
        pages = int(_STATM.read_text().split()[0])
        most = pages * resource.getpagesize() + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    # The timer counts the processor's time, and its signal ends the process even inside a native library.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    signal.setitimer(signal.ITIMER_PROF, seconds)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _receive(reader: int, deadline: float) -> bytes | None:
    """Everything that the child wrote; None where it did not end in time."""
    pieces: list[bytes] = []
    poller = select.poll()
    poller.register(reader, select.POLLIN | select.POLLHUP)
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poller.poll(left * 1000):
            return None
        piece = os.read(reader, _READ)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)


def _end(child: int) -> int:
    """End the child where it still runs; the signal that ended it, or 0."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1
    return 0
