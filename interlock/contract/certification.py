"""How a version comes to be certified: its trial, a person's word, its level."""

from enum import StrEnum

from interlock.contract.core.base import Document, Moment, Name


class Level(StrEnum):
    """How a version was certified: by the pipeline alone, or with a person's word on what it may do."""

    AUTOMATIC = "automatic"
    REVIEWED = "reviewed"


class Review(Document):
    """A person's word on a version that asks for what only a person may let pass."""

    reasons: tuple[str, ...]
    """What of it wants a person."""
    since: Moment
    approval: str = ""
    """The platform's approval that asks: `interlock approval show ID --platform`."""
    approved: bool | None = None
    by: str = ""
    comment: str = ""
    at: Moment | None = None


class TrialRun(Document):
    """One golden test on trial: its run in the sandbox, and its install, which is gone when the trial is over."""

    test: int
    workflow: Name
    install: str
    run: str
    passed: bool | None = None


class Trial(Document):
    """The bundle's golden tests in the sandbox tenant, each with an install of its own."""

    since: Moment
    sent: bool = False
    """Whether all the starts were sent."""
    over: bool = False
    runs: tuple[TrialRun, ...] = ()
