"""One at a time: two commands that start the same engine must not trip over each other."""

from __future__ import annotations

import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(directory: Path) -> Generator[None]:
    """Hold a directory's lock; the system releases it when the process ends in any way.

    Args:
        directory: The directory; made when absent.

    Yields:
        Nothing, once no other process holds it.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (directory / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
