"""A session, whose errors are of this app."""

from collections.abc import Iterator
from contextlib import contextmanager


class RegistryError(Exception):
    """What the registry can't answer."""


@contextmanager
def session(subject: str) -> Iterator[None]:
    try:
        yield
    except LookupError as error:
        raise RegistryError(f"{subject} has no such version") from error
