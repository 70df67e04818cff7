"""Where the full history of a run is stored."""

from interlock.contract.core.base import Document, Moment


class HistoryRef(Document):
    """Where the history of a run is stored."""

    run: str
    key: str = ""
    """The key of its body: a JSON list of events as GetExecutionHistory answers them."""
    events: int = 0
    whole: bool = True
    """False while the run goes on: ask again later."""
    until: Moment | None = None
    """While somebody fetches it: when that fetch has ended or failed at the latest."""
