"""How two runs differ, by structure: what `interlock run diff` and `run verify` answer."""

from typing import Literal

from interlock.contract.core.base import Document, Json

Aspect = Literal["run", "path", "input", "error", "output", "effect"]


class Difference(Document):
    """One place in which they differ."""

    aspect: Aspect
    """`run` is about the run as a whole: its version, config, status, input or output."""
    where: str
    """The visit, `STATE`, `STATE[INDEX]` or with `@ORDINAL`; of an effect also which one; a field for `run`."""
    field: str = ""
    """A JSON pointer (RFC 6901) into the input, output or effect; empty for the whole of it."""
    a: Json = None
    b: Json = None


class Timing(Document):
    """A visit that both runs made, with its durations in milliseconds."""

    where: str
    a_ms: float
    b_ms: float
    b_reused: bool = False


class RunDiff(Document):
    """How two runs differ; durations are told beside, and are no difference."""

    a: str
    b: str
    a_dry: bool = False
    b_dry: bool = False
    """Whether the run was dry: its effects were captured, and none was performed."""
    differences: tuple[Difference, ...]
    """In the order of the first run's time; what concerns the run as a whole comes first."""
    timings: tuple[Timing, ...] = ()
    unread: int = 0
    """Visits that differ, or may, whose bodies were not read: for these the digests are listed in their place."""
    more: int = 0
    """Differences past the limit that are not listed."""

    @property
    def first(self) -> Difference | None:
        """The first difference inside the runs; else the first about them as a whole."""
        return next((row for row in self.differences if row.aspect != "run"), next(iter(self.differences), None))
