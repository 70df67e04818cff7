"""What stands in for the world in a golden test: the tenant's assets, kept state, answers, and people's decisions."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from interlock.contract.catalog import AssetType, QualifiedName, Tags
from interlock.contract.core.base import Document, Json, Model
from interlock.contract.core.validation import shaped
from interlock.contract.language_model import ModelError

Decision = Literal["approve", "reject"]
StateKey = Annotated[
    str,
    shaped(
        r"^[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]{0,127}(/[A-Za-z0-9_=@+-][A-Za-z0-9_.=@+-]{0,127}){0,5}$",
        "one to six parts with slashes between them, of letters, digits and _ . = @ + -",
    ),
]
"""As `ctx.state` takes it."""


class AssetStandIn(Model):
    """An asset that the catalog of a test has before it begins."""

    qualified_name: QualifiedName
    type: AssetType
    name: str | None = None
    attributes: dict[str, Json] = Field(default_factory=dict)
    tags: Tags = ()
    owners: tuple[str, ...] = ()
    upstream: tuple[QualifiedName, ...] = ()


class HttpStandIn(Document):
    """What a URL answers in a test; `method` is any where it is empty. A body that is text is sent as it is.

    Several that fit a call answer one after another, and the last of them answers all further calls.
    """

    url: Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
    method: Literal["", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = ""
    status: Annotated[int, Field(ge=100, le=599)] = 200
    headers: dict[str, str] = Field(default_factory=dict)
    body: Json = None


def take_answer(rows: list[HttpStandIn], method: str, url: str) -> HttpStandIn | None:
    """What answers a call; it leaves `rows` where another one is left for the next call. None where nothing fits."""
    fitting = [at for at, row in enumerate(rows) if row.url == url and row.method in ("", method)]
    if not fitting:
        return None
    return rows.pop(fitting[0]) if len(fitting) > 1 else rows[fitting[0]]


def answers_left(rows: Iterable[HttpStandIn], calls: Iterable[tuple[str, str]]) -> tuple[HttpStandIn, ...]:
    """What is left of the answers after calls, each a method and a URL."""
    left = list(rows)
    for method, url in calls:
        take_answer(left, method, url)
    return tuple(left)


class ModelStandIn(Document):
    """What the language model answers in a test, to a call whose text contains `contains`; empty fits any call.

    `data` is the answer as JSON; `error` is a name of `ModelError`, by which the call fails in place of an answer.
    """

    contains: Annotated[str, StringConstraints(max_length=2_000)] = ""
    text: str = ""
    data: Json = None
    stop: Literal["end_turn", "max_tokens"] = "end_turn"
    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
    error: ModelError | None = None


class StandIns(Document):
    """What an install of a trial has in place of the world outside its tenant; no other install has any."""

    http: tuple[HttpStandIn, ...] | None = None
    """None: calls are real. Else each call is answered from here, and none leaves the sandbox."""
    model: tuple[ModelStandIn, ...] = ()
    """A call that none of these fits fails: no trial calls a real model."""
    approvals: Mapping[str, Decision] = Field(default_factory=dict)
    """By state. A state that is not named here ends the test."""
