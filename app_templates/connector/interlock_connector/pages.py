"""The pages of a crawl, in the install's state: names by page, and what became of them.

A workflow's Map has 256 kB for its input, and a run has 25,000 events: 10,000 tables go through it as 100 pages, of
which the workflow sees the number only. A crawl is named after the names that it found, so that a fork of a run, and
a second crawl of the same database, find the same pages.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from interlock import Context, PermanentError
from interlock_connector.assets import qualified
from interlock_connector.models import Skipped
from interlock_connector.shape import Relation

PAGE_TABLES = 100
MAX_PAGES = 800
"""Pages get longer above: a Map of more iterations comes near to the 25,000 events of a run."""
KEPT_CRAWLS = 4
"""So many crawls of other names can still be forked."""
SHOWN_SKIPPED = 100
LAST = "crawls"


class Entry(NamedTuple):
    """A relation of a page: its asset's type and the fingerprint of what was written; empty for a new one."""

    relation: Relation
    known: str = ""
    mark: str = ""


class Outcome(NamedTuple):
    """What became of a page: fingerprints by label, and what was skipped."""

    marks: dict[str, str]
    skipped: list[Skipped]


def crawl_name(relations: Sequence[Relation]) -> str:
    """The same for the same tables."""
    text = json.dumps([list(row) for row in relations])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def split(relations: Sequence[Relation]) -> list[Sequence[Relation]]:
    """The relations by page."""
    size = max(PAGE_TABLES, -(-len(relations) // MAX_PAGES))
    return [relations[start : start + size] for start in range(0, len(relations), size)]


def write_page(ctx: Context, crawl: str, page: int, entries: Sequence[Entry]) -> None:
    """Keep the names of a page."""
    ctx.state.put(_key(crawl, page, "names"), [[*entry.relation, entry.known, entry.mark] for entry in entries])


def read_page(ctx: Context, crawl: str, page: int) -> list[Entry]:
    """The names of a page.

    Raises:
        PermanentError: `CrawlForgotten`, the crawl is too old to be gone on with.
    """
    rows = ctx.state.get(_key(crawl, page, "names"))
    if rows is None:
        raise PermanentError("the pages of this crawl are no longer kept: start a new crawl", name="CrawlForgotten")
    return [Entry(Relation(*row[:4]), *row[4:]) for row in cast(list[Any], rows)]


def write_outcome(ctx: Context, crawl: str, page: int, outcome: Outcome) -> None:
    """Keep what became of a page."""
    rows = [[row.table, row.why] for row in outcome.skipped]
    ctx.state.put(_key(crawl, page, "outcome"), {"marks": dict(outcome.marks), "skipped": rows})


def read_outcome(ctx: Context, crawl: str, page: int) -> Outcome:
    """What became of a page so far."""
    value = cast(Mapping[str, Any], ctx.state.get(_key(crawl, page, "outcome")) or {"marks": {}, "skipped": []})
    return Outcome(dict(value["marks"]), [Skipped(table=table, why=why) for table, why in value["skipped"]])


def last_marks(ctx: Context) -> dict[str, str]:
    """The fingerprints that the last crawl wrote, by label."""
    marks: dict[str, str] = {}
    for crawl, pages in _crawls(ctx)[:1]:
        for page in range(pages):
            marks |= read_outcome(ctx, crawl, page).marks
    return marks


def remember(ctx: Context, crawl: str, pages: int) -> None:
    """Make this crawl the last one, and forget the pages of those before the last few."""
    crawls = [(crawl, pages), *(row for row in _crawls(ctx) if row[0] != crawl)][:KEPT_CRAWLS]
    ctx.state.put(LAST, [list(row) for row in crawls])
    known = {name for name, _ in crawls}
    for key in ctx.state.keys("pages/"):
        if key.split("/")[1] not in known:
            ctx.state.delete(key)


def names_of(ctx: Context, source: str, crawl: str, pages: int) -> Iterator[str]:
    """The qualified names of all relations of a crawl."""
    for page in range(pages):
        for entry in read_page(ctx, crawl, page):
            yield qualified(source, entry.relation.namespace, entry.relation.name)


def _crawls(ctx: Context) -> list[tuple[str, int]]:
    rows = cast(list[Any], ctx.state.get(LAST) or [])
    return [(str(crawl), int(pages)) for crawl, pages in rows]


def _key(crawl: str, page: int, what: str) -> str:
    return f"pages/{crawl}/{page:05d}/{what}"
