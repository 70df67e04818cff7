"""The steps of the workflow `crawl`: discover, crawl (for each page of tables), finish."""

import time
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from interlock import AssetWrite, Context, PermanentError, step
from interlock_connector import pages
from interlock_connector.assets import Crawled, fingerprint, qualified, relation_assets
from interlock_connector.errors import is_lost, reason
from interlock_connector.lineage import UNKNOWN, view_lineage
from interlock_connector.models import (
    CrawlInput,
    Discovered,
    FinishInput,
    Page,
    Settings,
    Skipped,
    Summary,
)
from interlock_connector.profile import profile
from interlock_connector.rows import count, sample
from interlock_connector.shape import PARTITION, RELATIONS, VIEW, Relation, Shape
from interlock_connector.source import Source, connected, relations, url_of
from interlock_connector.vanish import question, stops

BUDGET_SECONDS = 150
"""A page goes on in another attempt after this, which leaves a slow table half of the step's 300 s."""


@step
def discover(crawl_input: CrawlInput, ctx: Context) -> Discovered:
    """Find the tables, write the source and its schemas, and look whether much of what was there is gone.

    Raises:
        PermanentError: `SourceVanished`, the source lost more than `vanish_share`, and `on_vanish` is `fail`.
    """
    settings = Settings.model_validate(ctx.config)
    with connected(url_of(settings, ctx), settings.statement_timeout_s) as source:
        listed = relations(source, settings.schemas)
        dialect = source.connection.dialect.name
    name = settings.source_name
    there = {qualified(name, row.namespace, row.name): row for row in listed}
    known = {
        asset.qualified_name: asset.type
        for kind in RELATIONS
        for asset in ctx.catalog.search(type=kind, prefix=f"{qualified(name)}/")
    }
    lost = sorted(set(known) - set(there))
    vanished = stops(settings, len(lost), len(known))
    if vanished and settings.on_vanish == "fail":
        raise PermanentError(question(name, len(lost), len(known)), name="SourceVanished")
    marks = {} if crawl_input.full else pages.last_marks(ctx)
    crawl = pages.crawl_name(listed)
    split = pages.split(listed)
    for number, rows in enumerate(split):
        entries = [_entry(row, known.get(qualified(name, row.namespace, row.name), ""), marks) for row in rows]
        pages.write_page(ctx, crawl, number, entries)
    _write_source(ctx, name, dialect, listed)
    ctx.log.info("tables listed", tables=len(listed), pages=len(split), lost=len(lost))
    return Discovered(
        crawl=crawl,
        pages=[Page(crawl=crawl, page=number, full=crawl_input.full) for number in range(len(split))],
        tables=len(listed),
        lost=len(lost),
        ask=vanished and settings.on_vanish == "ask",
        question=question(name, len(lost), len(known)) if vanished else "",
        lost_names=lost[:20] if vanished else [],
    )


def _entry(relation: Relation, known: str, marks: Mapping[str, str]) -> pages.Entry:
    """The fingerprint alone could hide that somebody deleted the assets: the table's own must still be there."""
    return pages.Entry(relation, known, marks.get(relation.label, "") if known == relation.kind else "")


def _write_source(ctx: Context, source: str, dialect: str, listed: Sequence[Relation]) -> None:
    base = qualified(source)
    writes = [AssetWrite(qualified_name=base, type="database", name=source, attributes={"dialect": dialect})]
    for namespace in sorted({row.namespace for row in listed}):
        writes.append(AssetWrite(qualified_name=qualified(source, namespace), type="schema", name=namespace))
    ctx.catalog.upsert(writes)


@step
def crawl(page: Page, ctx: Context) -> Page:
    """Crawl the tables of a page until it is done or the time is over; a table that can't be read is skipped.

    A table whose assets are what the last crawl wrote is not written.
    """
    settings = Settings.model_validate(ctx.config)
    end = time.monotonic() + BUDGET_SECONDS
    entries = pages.read_page(ctx, page.crawl, page.page)
    start = page.next_table or 0
    outcome = pages.read_outcome(ctx, page.crawl, page.page) if start else pages.Outcome({}, [])
    after = page.model_copy(update={"next_table": None})
    with connected(url_of(settings, ctx), settings.statement_timeout_s) as source:
        shapes = _shapes(source, [entry.relation for entry in entries[start:] if not entry.relation.denied])
        for number, entry in enumerate(entries[start:], start):
            if number > start and time.monotonic() > end:
                after.next_table = number
                break
            crawled = _crawled(source, entry.relation, shapes, settings)
            if isinstance(crawled, Skipped):
                outcome.skipped.append(crawled)
                after.skipped += 1
                ctx.log.warning("table skipped", table=crawled.table, why=crawled.why)
                continue
            outcome.marks[entry.relation.label] = _write(ctx, settings.source_name, crawled, entry, after)
    pages.write_outcome(ctx, page.crawl, page.page, outcome)
    return after


def _write(ctx: Context, source: str, crawled: Crawled, entry: pages.Entry, page: Page) -> str:
    """Write a relation's assets where they differ, and count; their fingerprint."""
    writes = relation_assets(source, crawled)
    mark = fingerprint(writes)
    page.tables += 1
    page.columns += len(crawled.shape.columns)
    if not page.full and entry.mark == mark:
        page.unchanged += 1
        return mark
    if entry.known and entry.known != writes[-1].type:
        # An asset's type can't be changed: a table that became a view is another asset.
        ctx.catalog.delete(writes[-1].qualified_name)
    page.changed += sum(change.outcome != "unchanged" for change in ctx.catalog.upsert(writes))
    if entry.known:
        page.changed += _remove_dropped_parts(ctx, writes)
    return mark


def _remove_dropped_parts(ctx: Context, writes: Sequence[AssetWrite]) -> int:
    """Columns and partitions that are no longer there."""
    base = writes[-1].qualified_name
    kinds = {write.qualified_name: write.type for write in writes}
    stale = [
        asset.qualified_name
        for kind in ("column", PARTITION)
        for asset in ctx.catalog.search(type=kind, prefix=f"{base}/")
        if asset.qualified_name not in kinds
    ]
    return len(ctx.catalog.delete(*stale))


Shapes = Mapping[tuple[str, str], Shape | Exception]


def _shapes(source: Source, listed: Sequence[Relation]) -> Shapes:
    """The shapes of relations: a schema at once, and one by one where one of them is in the way."""
    by_schema: dict[str, list[str]] = {}
    for relation in listed:
        by_schema.setdefault(relation.namespace, []).append(relation.name)
    shapes: dict[tuple[str, str], Shape | Exception] = {}
    for namespace, names in by_schema.items():
        for groups in [[names], [[name] for name in names]]:
            for some in groups:
                try:
                    rows = source.reader.shapes(source.connection, namespace, some)
                except (SQLAlchemyError, ValueError, RecursionError) as error:
                    _raise_lost(error)
                    shapes |= {(namespace, name): error for name in some}
                    continue
                for name in some:
                    shapes.pop((namespace, name), None)
                shapes |= {(namespace, name): shape for name, shape in rows.items()}
            if not any(isinstance(shapes.get((namespace, name)), Exception) for name in names):
                break
    return shapes


def _raise_lost(error: Exception) -> None:
    if isinstance(error, DBAPIError) and is_lost(error):
        raise error


def _crawled(source: Source, relation: Relation, shapes: Shapes, settings: Settings) -> Crawled | Skipped:
    """What is there of one relation, or why it can't be read."""
    if relation.denied:
        return Skipped(table=relation.label, why="denied: the user of the connector may not read it")
    shape = shapes.get((relation.namespace, relation.name))
    if shape is None:
        return Skipped(table=relation.label, why="dropped: it was there when the crawl began")
    if isinstance(shape, Exception):
        return Skipped(table=relation.label, why=reason(shape, view=relation.kind == VIEW))
    if not shape.columns and shape.definition is not None:
        return Skipped(table=relation.label, why="broken: the view refers to what is not there")
    try:
        return _read(source, relation, shape, settings)
    # One table must not end the crawl of all others, whatever its driver raises.
    except Exception as error:
        _raise_lost(error)
        return Skipped(table=relation.label, why=reason(error))


def _read(source: Source, relation: Relation, shape: Shape, settings: Settings) -> Crawled:
    connection = source.connection
    counted = count(connection, relation, shape, settings.exact_rows_up_to)
    values = sample(connection, relation, shape, settings.sample_rows)
    profiles = {name: profile(column) for name, column in values.items()}
    lineage = UNKNOWN
    if shape.definition is not None:
        schemas = frozenset(source.reader.schemas(connection))

        def names_of(namespace: str, names: Sequence[str]) -> dict[str, list[str]]:
            if namespace not in schemas:
                return {}
            rows = source.reader.shapes(connection, namespace, names)
            return {name: [column.name for column in row.columns] for name, row in rows.items()}

        lineage = view_lineage(relation, shape, source.reader.dialect, names_of)
    return Crawled(relation, shape, counted, profiles, lineage)


@step
def finish(done: FinishInput, ctx: Context) -> Summary:
    """Remove what is no longer in the database, and sum up. A table that was skipped keeps its assets."""
    settings = Settings.model_validate(ctx.config)
    source = settings.source_name
    removed = 0
    if settings.on_vanish != "keep":
        removed = _remove_gone(ctx, source, set(pages.names_of(ctx, source, done.crawl, len(done.crawled))))
    skipped: list[Skipped] = []
    for page in done.crawled:
        if page.skipped and len(skipped) < pages.SHOWN_SKIPPED:
            skipped += pages.read_outcome(ctx, done.crawl, page.page).skipped
    pages.remember(ctx, done.crawl, len(done.crawled))
    summary = Summary(
        tables=sum(row.tables for row in done.crawled),
        columns=sum(row.columns for row in done.crawled),
        changed=sum(row.changed for row in done.crawled),
        unchanged=sum(row.unchanged for row in done.crawled),
        removed=removed,
        skipped=skipped[: pages.SHOWN_SKIPPED],
        skipped_count=sum(row.skipped for row in done.crawled),
    )
    ctx.log.info("crawled", **summary.model_dump(exclude={"skipped"}))
    return summary


def _remove_gone(ctx: Context, source: str, seen: set[str]) -> int:
    prefix = f"{qualified(source)}/"
    schemas = {name.rpartition("/")[0] for name in seen}
    gone: list[str] = [
        asset.qualified_name
        for asset in ctx.catalog.search(type="schema", prefix=prefix)
        if asset.qualified_name not in schemas
    ]
    for kind in RELATIONS:
        for asset in ctx.catalog.search(type=kind, prefix=prefix):
            if asset.qualified_name not in seen:
                parts = [
                    part.qualified_name
                    for name in ("column", PARTITION)
                    for part in ctx.catalog.search(type=name, prefix=f"{asset.qualified_name}/")
                ]
                gone += [*parts, asset.qualified_name]
    return sum(change.outcome == "deleted" for change in ctx.catalog.delete(*gone))
