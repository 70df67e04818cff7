"""What goes from step to step."""

from pydantic import BaseModel, Field


class Target(BaseModel):
    """A table or a column."""

    qualified_name: str


class Column(BaseModel):
    """What is known of a column; `profile` has shares of formats between 0 and 1."""

    qualified_name: str
    name: str
    table: str
    data_type: str = ""
    identifier: bool = False
    """Whether it is a key: what it holds then stands for a row."""
    profile: dict[str, float] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)


class Columns(BaseModel):
    """The columns of one asset."""

    target: str
    columns: list[Column]


class Finding(BaseModel):
    """A column and the kinds of personal data in it; none is a finding too: stale tags go."""

    qualified_name: str
    kinds: list[str]
    tags: list[str]


class Findings(BaseModel):
    """What was found in one asset."""

    target: str
    findings: list[Finding]


class Tagged(BaseModel):
    """What was written."""

    target: str
    columns: int
    personal: int
    changed: int
    detected: list[str]
