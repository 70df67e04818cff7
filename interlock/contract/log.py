"""The log of a run: what its steps printed and logged."""

from pydantic import Field

from interlock.contract.core.base import Document, Json, Moment


class LogLine(Document):
    """One line that a step printed or logged. Secrets are redacted before a line leaves the step."""

    at: Moment
    level: str = "INFO"
    message: str
    logger: str = ""
    """`print` and `stderr` for what the step wrote there, else the name of the logger."""
    state: str
    step: str = ""
    index: int | None = None
    """Of its item, where a Map ran the step."""
    attempt: int = 0
    dry: bool = False
    """Whether a dry fork wrote it."""
    fields: dict[str, Json] = Field(default_factory=dict)
    """The named fields of `ctx.log`."""
    exception: str = ""
    """The traceback, where the line was logged with one."""


class LogPage(Document):
    """One page of the lines of a run. A page may be short, or empty, and not the last."""

    lines: tuple[LogLine, ...]
    cursor: str | None = None
