"""Approvals: a question that a workflow asks people, who may answer it, and until when (ADR 0014)."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from interlock.contract.core import limits, names
from interlock.contract.core.base import Document, Json, Model, Moment
from interlock.contract.core.validation import shaped

PLATFORM_SCOPE = "platform"
_DURATION = re.compile(r"^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")
_UNITS = (604_800, 86_400, 3_600, 60, 1)

Question = Annotated[str, StringConstraints(min_length=1, max_length=limits.APPROVAL_QUESTION_CHARS)]
Comment = Annotated[str, StringConstraints(max_length=2_000)]
Approver = Annotated[
    str, shaped(r"^[A-Za-z0-9_.:@/+-]+$", "letters, digits and _ . : @ / + -", min_length=1, max_length=128)
]
"""A role of the scope (`admin`, `member`, `operator`), or a principal."""
Approvers = Annotated[tuple[Approver, ...], Field(min_length=1, max_length=20)]


class ApprovalStatus(StrEnum):
    """Only a waiting one can change, and only once."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


class ApprovalError(StrEnum):
    """The errors of an approval. Retry and Catch may use these names."""

    REJECTED = "Interlock.ApprovalRejected"
    """An approver rejected the request; the cause is the comment."""
    EXPIRED = "Interlock.ApprovalExpired"
    """The deadline passed without a decision."""
    UNDECIDED = "Interlock.ApprovalUndecided"
    """A golden test came to an approval that its `approvals` does not decide."""


class Approval(Document):
    """A question to people, and their decision. Task tokens are in the stored item only: no answer contains them."""

    id: str
    scope: str
    """`platform` or `tenant/ID`: whose roles the approvers' roles are."""
    subject: str
    """What it is about: an app and version, or a run."""
    question: Question
    approvers: Approvers
    asked: Moment
    deadline: Moment
    escalate_at: Moment | None = None
    escalate_to: tuple[Approver, ...] = ()
    """They may decide too, from `escalate_at` on."""
    escalated: bool = False
    status: ApprovalStatus = ApprovalStatus.WAITING
    by: str = ""
    comment: str = ""
    decided: Moment | None = None
    execution: str
    """The ARN of the execution that waits."""
    state: str
    run: str = ""
    pause: str = ""
    """Of a run: the pause that the answer ends."""
    data: Json = None
    """What the workflow shows to who decides."""
    heard: bool = False
    """Whether who asked was told."""


class Verdict(Document):
    """The body of a decision."""

    approve: bool
    comment: Comment = ""


class Ask(Model):
    """What a workflow says of an approval: the parameters of `${platform.approve}`."""

    question: Question
    approvers: Approvers = ("admin",)
    deadline: int | str = limits.APPROVAL_SECONDS
    """Seconds, or a duration of ISO 8601 such as `P3D` or `PT4H`."""
    escalate_to: Annotated[tuple[Approver, ...], Field(max_length=20)] = ()
    escalate_after: int | str | None = None
    """Half of the deadline, where it is not said."""
    data: Json = None

    @field_validator("deadline", "escalate_after")
    @classmethod
    def in_bounds(cls, value: int | str | None) -> int | None:
        """The seconds that it means, of which there may be limits.APPROVAL_MIN_SECONDS to APPROVAL_MAX_SECONDS."""
        seconds = seconds_of(value) if isinstance(value, str) else value
        if seconds is not None and not limits.APPROVAL_MIN_SECONDS <= seconds <= limits.APPROVAL_MAX_SECONDS:
            least, most = limits.APPROVAL_MIN_SECONDS, limits.APPROVAL_MAX_SECONDS
            raise ValueError(f"{seconds} seconds is not between {least} and {most} seconds")
        return seconds

    @property
    def wait(self) -> timedelta:
        """How long people have."""
        return timedelta(seconds=int(self.deadline))

    @property
    def patience(self) -> timedelta | None:
        """When others may decide too; None where there are none."""
        if not self.escalate_to:
            return None
        return timedelta(seconds=int(self.escalate_after)) if self.escalate_after else self.wait / 2


class AskRequest(Ask):
    """What a callback state of the platform's own workflows sends; the token never leaves the approval's item."""

    approvers: Approvers = ("operator",)
    scope: Annotated[str, shaped(r"^(platform|tenant/[a-z0-9-]+)$", "platform or tenant/ID")] = PLATFORM_SCOPE
    subject: str
    key: str = ""
    """Of a question that is asked once, whichever execution comes to it; without one, at each entry of a state."""
    execution: str
    state: str
    entered: str
    token: str = Field(repr=False)


class Answer(Document):
    """What a callback state of the platform's own workflows answers when it was approved."""

    approved: bool
    by: str
    comment: str = ""
    at: Moment


class Refusal(Document):
    """What such a state fails with when it was not: an `ApprovalError`, and the comment."""

    error: str = Field(alias="Error")
    cause: str = Field(alias="Cause")


class ApprovalPage(Model):
    """One page of approvals."""

    approvals: tuple[Approval, ...]
    cursor: str | None = None


def keyed_id(subject: str, key: str, scope: str = PLATFORM_SCOPE) -> str:
    """The id of the approval that is asked once for a key."""
    return names.run_id("approval", scope, subject, key)


def seconds_of(text: str) -> int:
    """The seconds of a duration of ISO 8601; weeks to seconds, because months and years differ.

    Raises:
        ValueError: it is none.
    """
    match = _DURATION.match(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration: write seconds, or for example P3D or PT4H")
    return sum(int(part or 0) * unit for part, unit in zip(match.groups(), _UNITS, strict=True))
