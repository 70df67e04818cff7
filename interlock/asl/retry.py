"""Retry and Catch: which entry takes an error, and how long a retry waits.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from interlock.asl import errors
from interlock.asl.values import Json, Object

MAX_ATTEMPTS = 3
INTERVAL_SECONDS = 1
BACKOFF_RATE = 2.0
MAX_SECONDS = 99_999_999.0


@dataclass(frozen=True)
class Retry:
    """A retry that is due.

    Attributes:
        entry: the place of the Retry entry.
        seconds: how long to wait before it, without jitter.
        jitter: whether AWS waits a random part of that.
    """

    entry: int
    seconds: float
    jitter: bool


def next_retry(retriers: Sequence[Object], error: str | None, counts: Mapping[int, int]) -> Retry | None:
    """The retry that is due after an error; None where no entry matches or its attempts are used up.

    Args:
        retriers: the Retry field.
        error: the error's name.
        counts: how many retries each entry has made in this visit.
    """
    for entry, retrier in enumerate(retriers):
        if not errors.matches(names_of(retrier), error):
            continue
        count = counts.get(entry, 0)
        if count >= _number(retrier, "MaxAttempts", MAX_ATTEMPTS):
            return None
        rate = _number(retrier, "BackoffRate", BACKOFF_RATE)
        try:
            seconds = _number(retrier, "IntervalSeconds", INTERVAL_SECONDS) * rate**count
        except OverflowError:
            seconds = MAX_SECONDS
        return Retry(
            entry, min(seconds, _number(retrier, "MaxDelaySeconds", seconds)), retrier.get("JitterStrategy") == "FULL"
        )
    return None


def catcher_of(catchers: Sequence[Object], error: str | None) -> Object | None:
    """The Catch entry that takes an error; None where none does."""
    return next((catcher for catcher in catchers if errors.matches(names_of(catcher), error)), None)


def names_of(entry: Object) -> list[str]:
    """The ErrorEquals of an entry."""
    names = entry.get("ErrorEquals")
    return [str(name) for name in cast(list[Json], names)] if isinstance(names, list) else []


def _number(entry: Object, field: str, default: float) -> float:
    value = entry.get(field, default)
    return float(value) if isinstance(value, int | float) else default
