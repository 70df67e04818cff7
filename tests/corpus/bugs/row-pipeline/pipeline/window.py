"""Windows of a stream."""

from collections.abc import Iterator
from itertools import islice


def windows(values: Iterator[int], size: int) -> Iterator[list]:
    while window := list(islice(values, size)):
        yield window
