"""Verifications: recorded runs are repeated dry with another version, and each is compared with its record."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interlock.contract.core import limits
from interlock.contract.core.base import Document, Model, Moment, Semver
from interlock.contract.diff import Difference

Text = Annotated[str, StringConstraints(max_length=200)]


class VerificationRequest(Model):
    """What is verified, and with which runs: `runs`, or the last ones of an app or an install."""

    version: Semver | Literal[""] = ""
    """The version; with `install` it may be empty: the one that an upgrade would bring."""
    runs: Annotated[tuple[Text, ...], Field(max_length=limits.VERIFICATION_RUNS)] = ()
    last: int = Field(default=0, ge=0, le=limits.VERIFICATION_RUNS)
    """So many of the last runs that are over, and are no forks."""
    app: Text = ""
    workflow: Text = ""
    install: Text = ""
    """The name or id of the install whose upgrade is rehearsed."""
    accept: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    """Codes of findings that make a repetition less faithful, and are accepted."""
    key: str = Field(default="", max_length=limits.IDEMPOTENCY_KEY_CHARS)
    """The same key is the same verification; without a key each request begins a new one."""


class VerificationStatus(StrEnum):
    """It starts all dry runs first; then each is compared once it is over."""

    STARTING = "starting"
    COMPARING = "comparing"
    DONE = "done"
    STOPPED = "stopped"
    """A person stopped it: the dry runs that it started go on."""

    @property
    def over(self) -> bool:
        """Whether nothing more is started or compared."""
        return self in (VerificationStatus.DONE, VerificationStatus.STOPPED)


class RunVerdict(Document):
    """How the version compares with one recorded run."""

    run: str
    fork: str = ""
    """The dry run of the version; empty before it is started, and where it was refused."""
    verdict: Literal["waiting", "same", "differs", "refused"] = "waiting"
    ended: str = ""
    """How the dry run ended: `succeeded`, or `failed` or `aborted` with the state and the error."""
    first: Difference | None = None
    """The first difference; long values are cut."""
    differences: int = 0
    code: str = ""
    """The code of the error that refused the dry run."""
    refused: str = ""
    """Its sentence."""


class VerificationSummary(Document):
    """A verification and its counts."""

    id: str
    tenant: str
    app: str
    version: str
    install: str = ""
    """The id of the install whose upgrade is rehearsed."""
    request: VerificationRequest
    status: VerificationStatus = VerificationStatus.STARTING
    total: int
    counts: dict[str, int] = Field(default_factory=dict[str, int])
    """How many runs have each verdict."""
    started: Moment
    ended: Moment | None = None
    by: str = ""
    stopped_by: str = ""


class Verification(VerificationSummary):
    """A verification with the verdict of each run."""

    verdicts: tuple[RunVerdict, ...] = ()


class VerificationPage(Document):
    """Verifications of a tenant, the newest first. A page may be short and not the last."""

    verifications: tuple[VerificationSummary, ...]
    cursor: str | None = None
