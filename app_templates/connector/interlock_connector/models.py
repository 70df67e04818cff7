"""What goes from step to step: names and fingerprints, never data."""

from pydantic import BaseModel, Field


class Settings(BaseModel):
    """The install's configuration, as `config.schema.json` describes it."""

    source_name: str
    database_url: str = ""
    schemas: list[str] = Field(default_factory=list)
    sample_rows: int = Field(default=100, ge=0, le=1000)


class CrawlInput(BaseModel):
    """What the tool takes; a scheduled crawl gives none of it."""

    full: bool = False


class TableRef(BaseModel):
    """One table to crawl."""

    namespace: str
    table: str
    full: bool = False


class Discovered(BaseModel):
    """The tables that there are, in order."""

    tables: list[TableRef]


class TableCrawled(BaseModel):
    """What one table's crawl did; `changed` counts the assets that differ now."""

    namespace: str
    table: str
    columns: int
    changed: int
    skipped: bool = False


class FinishInput(BaseModel):
    """What the crawls of the tables did."""

    tables: list[TableCrawled]


class Summary(BaseModel):
    """The outcome of a crawl."""

    tables: int
    columns: int
    changed: int
    skipped: int
    removed: int
