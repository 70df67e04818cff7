"""What the command and the process that it debugs tell each other: a file that holds secrets (mode 600, read once)."""

from typing import Literal

from pydantic import Field

from interlock.contract.core.base import Document, Json
from interlock.contract.envelope import Effect, StepError, StepRequest
from interlock.contract.run import StepRecord

STAND_IN = "stand-in:"
"""Begins what stands for a secret that nobody gave."""


class Break(Document):
    """A line to stop at."""

    file: str
    """Absolute."""
    line: int


class Job(Document):
    """What the child shall run."""

    request: StepRequest
    root: str
    """The folder of the code: the unpacked bundle, or the developer's own."""
    record: StepRecord
    """Bodies put in place."""
    pdb: bool = False
    port: int = 0
    breaks: tuple[Break, ...] = ()
    secrets: dict[str, str | None] = Field(default_factory=dict, repr=False)
    live: str = ""
    """Where the command answers reads, for `--live`; empty for the record alone."""
    live_key: str = Field(default="", repr=False)
    outcome: str
    """The file to write the outcome to."""


class Ready(Document):
    """The child's one line on its standard output: it listens."""

    port: int
    pid: int


class Outcome(Document):
    """How it ended."""

    end: Literal["output", "error", "quit"]
    output: Json = None
    same: bool = False
    """The same output, or the same error at the same place, as recorded."""
    error: StepError | None = None
    effects: tuple[Effect, ...] = ()
    input_digest: str = ""
    """Of what the step got."""
    stopped: bool = False
