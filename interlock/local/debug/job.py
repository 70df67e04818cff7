"""What the command and the process that it debugs tell each other: a file that holds secrets (mode 600, read once)."""

from typing import Literal

from pydantic import Field

from interlock.contract.core.base import Document, Json
from interlock.contract.envelope import Effect, StepError, StepRequest
from interlock.contract.run import StepRecord

STAND_IN = "stand-in:"
"""Begins what stands for a secret that nobody gave."""
MAX_LOCAL_CHARS, MAX_VALUE_CHARS = 200, 8_000
"""A look is read by a coding agent, whose context it fills: a value that is asked for has the room of a page."""


class Break(Document):
    """A line to stop at."""

    file: str
    """Absolute."""
    line: int


class FrameLook(Document):
    """A frame of the step, as it stood."""

    file: str
    """In the app's folder where it is the app's own; else absolute."""
    line: int
    function: str
    source: str = ""
    """The line."""
    locals: dict[str, str] = Field(default_factory=dict[str, str])
    """As Python shows them, shortened to MAX_LOCAL_CHARS."""


class Evaluated(Document):
    """What an expression came to."""

    expression: str
    value: str = ""
    """As Python shows it, shortened to MAX_VALUE_CHARS."""
    type: str = ""
    error: str = ""
    """What it raised; its value is empty then."""


class Look(Document):
    """What was seen where the step stood."""

    frames: tuple[FrameLook, ...]
    """Outermost first; the expressions were evaluated in the last one."""
    values: tuple[Evaluated, ...] = ()


class Job(Document):
    """What the child shall run."""

    request: StepRequest
    root: str
    """The folder of the code: the unpacked bundle, or the developer's own."""
    record: StepRecord
    """Bodies put in place."""
    pdb: bool = False
    evaluate: tuple[str, ...] | None = None
    """Expressions to evaluate where the step stops first; the process ends by itself then, and nobody attaches."""
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
    look: Look | None = None
    """What `evaluate` saw; None where the step stopped nowhere."""
