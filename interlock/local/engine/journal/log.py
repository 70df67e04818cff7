"""The file of the journal: one line for what changed together, with its checksum.

A line is written when the change is made, so that a killed process loses nothing that it answered; the disk is told
to keep the lines some milliseconds later, many at a time, so that a power loss takes a tenth of a second at most.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SYNC_SECONDS = 0.05
"""How long a line may wait for the disk (ADR 0031)."""


@dataclass(frozen=True)
class Reading:
    """What a journal holds.

    Attributes:
        texts: the JSON texts of its good lines, in order.
        damaged: how many lines before the last good one cannot be read.
        end: where the last good line ends, in bytes; what follows was being written when the process ended.
    """

    texts: list[bytes]
    damaged: int
    end: int


def line_of(text: bytes) -> bytes:
    """The line of a JSON text."""
    return b"%08x %b\n" % (zlib.crc32(text), text)


def read(path: Path) -> Reading:
    """Read a journal; an absent one is empty."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Reading([], 0, 0)
    texts: list[bytes] = []
    end = damaged = pending = 0
    for start, stop in _lines(data):
        text = data[start + 9 : stop]
        if data[start : start + 9] == b"%08x " % zlib.crc32(text):
            texts.append(text)
            end, damaged, pending = stop + 1, damaged + pending, 0
        else:
            pending += 1
    return Reading(texts, damaged, end)


def _lines(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while (stop := data.find(b"\n", start)) >= 0:
        yield start, stop
        start = stop + 1


class Log:
    """A journal that is written."""

    def __init__(self, path: Path, *, silent: bool = False) -> None:
        """Open the file; a silent journal is never written."""
        self._silent = silent
        self.failure = ""
        """Why nothing can be written; empty where all is well."""
        self._lock = threading.RLock()
        self._waiting = bytearray()
        self._unsynced = False
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def cut(self, end: int) -> None:
        """Cut the file off, before anything is written."""
        os.ftruncate(self._file, end)
        os.fsync(self._file)

    @property
    def size(self) -> int:
        """Its bytes."""
        return os.fstat(self._file).st_size

    @property
    def unwritten(self) -> int:
        """How many bytes could not be written yet."""
        return len(self._waiting)

    def append(self, texts: Sequence[str]) -> None:
        """Write changes that belong together: after a crash all of them are there, or none."""
        if not texts or self._silent:
            return
        line = line_of(f"[{','.join(texts)}]".encode())
        with self._lock:
            self._waiting += line
            self._write()

    def sync(self) -> None:
        """Tell the disk to keep what was written; try again to write what could not be."""
        with self._lock:
            self._write()
            due, self._unsynced = self._unsynced, False
        if due:
            try:
                os.fsync(self._file)
            except OSError as error:
                self.failure, self._unsynced = _reason(error), True

    def _write(self) -> None:
        try:
            while self._waiting:
                done = os.write(self._file, self._waiting)
                del self._waiting[:done]
                self._unsynced = True
            self.failure = ""
        except OSError as error:
            self.failure = _reason(error)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
