"""The time that a workflow in process sees."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What Wait, Retry and timeouts need of time."""

    def now(self) -> datetime:
        """The moment, with a time zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class MovedClock:
    """A clock that moves by what is slept, and by what a test says; a workflow of hours runs in milliseconds."""

    def __init__(self, start: datetime | None = None) -> None:
        """Begin at a moment; 2026-01-01T00:00:00Z where none is said."""
        self.start = start or datetime(2026, 1, 1, tzinfo=UTC)
        self.moment = self.start

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Move on by seconds."""
        self.move(seconds)

    def move(self, seconds: float) -> None:
        """Move on by seconds; a step that takes its time does it."""
        self.moment += timedelta(seconds=seconds)

    @property
    def passed(self) -> float:
        """The seconds that have passed since the start."""
        return (self.moment - self.start).total_seconds()


def stamp(moment: datetime) -> str:
    """A moment as the context object has it, `2026-01-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
