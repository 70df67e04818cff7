"""A run's trace as a waterfall."""

from interlock.contract.core.base import Document

SERVICE = "interlock-run"
"""The name of a run's own segment: groups of X-Ray's console filter by it (infra/observability.py)."""


class TraceRow(Document):
    """One segment or subsegment of a trace."""

    name: str
    depth: int
    """How many segments are above it."""
    start_ms: float
    """Milliseconds from the beginning of the trace."""
    duration_ms: float
    state: str = ""
    error: str = ""
    frame: str = ""
    """`file:line in function` where publisher code failed."""
    annotations: dict[str, str] = {}


class RunTrace(Document):
    """A run's trace."""

    run: str
    trace: str
    rows: tuple[TraceRow, ...]
    """Empty while X-Ray does not have the segments yet, and after 30 days, when it has deleted them."""
    console: str = ""
    """The page of the AWS console that shows it; empty on the embedded engine."""
