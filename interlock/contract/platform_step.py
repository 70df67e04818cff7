"""The platform's own steps, which a workflow calls without code: what each takes and answers (ADR 0014).

`${platform.approve}` takes `contract.approval.Ask` and answers `Approved`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interlock.contract.approval import Ask
from interlock.contract.core.base import Json, Model, Moment
from interlock.contract.core.limits import KIB, MIB
from interlock.contract.core.validation import shaped
from interlock.contract.manifest_values import EventName
from interlock.contract.registry import StepPlan

FUNCTION = "interlock-platform-step"
SECONDS = 90
"""For a whole platform step; a single call of `platform.http` has its own `timeout` below that."""
APPROVE, EMIT, HTTP = "platform.approve", "platform.emit", "platform.http"
MAX_HTTP_SECONDS = 60
MAX_HTTP_BODY_BYTES = 256 * KIB
MAX_HTTP_ANSWER_BYTES = 1 * MIB
"""What a workflow without code can do little with; a step takes up to 16 MB by ctx.http."""
SECRET_PATTERN = r"(?:^|^\S+ )secret:([a-z][a-z0-9_]{0,39})$"
"""`secret:NAME`, or a word before it: `Bearer secret:NAME`."""

HeaderName = Annotated[str, shaped(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$", "the name of a header, such as Accept")]
HeaderValue = Annotated[str, shaped(r"^[^\r\n\x00]*$", "one line", max_length=4_000)]


class HttpStepError(StrEnum):
    """The errors of `${platform.http}`. Retry and Catch may use these names."""

    FAILED = "Interlock.HttpError"
    """The server did not answer, or answered 408, 425, 429 or 5xx: a Retry may help."""
    REFUSED = "Interlock.HttpRefused"
    """The server answered another status of 3xx or 4xx: a Retry does not help."""


class EmitStep(Model):
    """What `${platform.emit}` takes."""

    name: EventName
    data: dict[str, Json] = Field(default_factory=dict)


class Emitted(Model):
    """What it answers: the event's change id."""

    id: str


class HttpStep(Model):
    """What `${platform.http}` takes."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    headers: Annotated[dict[HeaderName, HeaderValue], Field(max_length=40)] = Field(default_factory=dict)
    """A value `secret:NAME`, or `WORD secret:NAME`, stands for a secret of the install."""
    body: Json = None
    """Text is sent as it is, anything else as JSON."""
    timeout: Annotated[int, Field(ge=1, le=MAX_HTTP_SECONDS)] = 30
    expect: Literal["success", "any"] = "success"
    """With `any` every status is an answer; else what is not 2xx is an error."""


class HttpStepAnswer(Model):
    """What it answers; the body is JSON where it is JSON, else text."""

    status: int
    headers: dict[str, str]
    body: Json = None


class Approved(Model):
    """What `${platform.approve}` answers."""

    approved: Literal[True] = True
    by: str
    comment: str = ""
    at: Moment


TAKES: Mapping[str, type[Model]] = {APPROVE: Ask, EMIT: EmitStep, HTTP: HttpStep}
PLANS: Mapping[str, StepPlan] = {
    name: StepPlan.model_construct(handler=name, function=FUNCTION, timeout_s=SECONDS, idempotent=name != HTTP)
    for name in TAKES
}
"""An emit has one id however often it is tried, and an approval is asked once; a call of HTTP may have been served."""
