"""What the steps take and answer, and what the language model is asked for."""

from typing import Any

from pydantic import BaseModel, Field

MAX_TEXT = 400
"""Characters of a description."""


class Lookup(BaseModel):
    """What the tool `describe_asset` takes."""

    qualified_name: str
    depth: int = Field(default=2, ge=0, le=5)


class Known(BaseModel):
    """What is known of an asset; `upstream` is by hops, nearest first."""

    qualified_name: str
    type: str
    owners: list[str]
    tags: list[str]
    attributes: dict[str, Any]
    inside: list[str]
    upstream: list[list[str]]
    downstream: list[str]


class Question(BaseModel):
    """What the tool `ask_catalog` takes."""

    question: str
    prefix: str = ""


class Reply(BaseModel):
    """What the model writes to a question."""

    answer: str = Field(max_length=4_000)
    assets: list[str] = Field(default_factory=list[str], max_length=50)


class Answer(BaseModel):
    """The answer, and the assets that it is about: each of them is in the catalog."""

    answer: str
    assets: list[str]


class Scope(BaseModel):
    """What the tool `draft_descriptions` takes."""

    prefix: str = ""
    limit: int = Field(default=20, ge=1, le=50)


class Tables(BaseModel):
    """The tables that have no description."""

    tables: list[str]
    count: int


class Sentence(BaseModel):
    """What the model writes of a table."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)


class Draft(BaseModel):
    """A description of a table; without text, `why` says what failed."""

    qualified_name: str
    text: str = ""
    why: str = ""


class Drafts(BaseModel):
    """Descriptions that an admin is asked about."""

    drafts: list[Draft]
    skipped: list[Draft]
    count: int
    question: str
    approvers: list[str]


class Written(BaseModel):
    """What became of the drafts."""

    outcome: str
    written: list[str]
    left: list[str]
    """Those that changed meanwhile: gone, or described by somebody else."""
    skipped: list[Draft]


class Changed(BaseModel):
    """What of the event `asset.updated` is used."""

    asset: dict[str, Any]
