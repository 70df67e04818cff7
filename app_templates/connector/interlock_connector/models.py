"""What goes from step to step: numbers and the names of pages, never data."""

from typing import Literal

from pydantic import BaseModel, Field

from interlock_connector.rows import BIG_ROWS


class Settings(BaseModel):
    """The install's configuration, as `config.schema.json` describes it."""

    source_name: str
    database_url: str = ""
    schemas: list[str] = Field(default_factory=list)
    sample_rows: int = Field(default=100, ge=0, le=1000)
    exact_rows_up_to: int = Field(default=BIG_ROWS, ge=0)
    statement_timeout_s: int = Field(default=30, ge=1, le=60)
    on_vanish: Literal["ask", "remove", "keep", "fail"] = "ask"
    vanish_share: float = Field(default=0.2, ge=0, le=1)


class CrawlInput(BaseModel):
    """What the tool takes; a scheduled crawl gives none of it."""

    full: bool = False


class Page(BaseModel):
    """A page of tables: where its crawl is, and what it did so far. `next_table` is None when it is done."""

    crawl: str
    page: int
    full: bool = False
    next_table: int | None = 0
    tables: int = 0
    columns: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0


class Discovered(BaseModel):
    """The pages of tables that there are, and whether so many are gone that people are asked first."""

    crawl: str
    pages: list[Page]
    tables: int
    lost: int
    ask: bool
    question: str
    lost_names: list[str]


class FinishInput(BaseModel):
    """What the crawls of the pages did."""

    crawl: str
    crawled: list[Page]


class Skipped(BaseModel):
    """A table that could not be read, and why. Its assets stay as they were."""

    table: str
    why: str


class Summary(BaseModel):
    """The outcome of a crawl.

    `skipped` names the first `pages.SHOWN_SKIPPED` tables; `skipped_count` counts all of them.
    """

    tables: int
    columns: int
    changed: int
    unchanged: int
    removed: int
    skipped: list[Skipped]
    skipped_count: int
