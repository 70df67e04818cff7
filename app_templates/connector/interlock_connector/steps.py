"""The steps of the workflow `crawl`: discover, crawl (for each table), finish."""

from interlock import AssetWrite, Context, PermanentError, step
from interlock_connector.assets import fingerprint, qualified, state_key, table_assets
from interlock_connector.models import (
    CrawlInput,
    Discovered,
    FinishInput,
    Settings,
    Summary,
    TableCrawled,
    TableRef,
)
from interlock_connector.profile import profile
from interlock_connector.source import connected, row_count, sample, shape, tables

OURS = ("column", "table", "schema")


def _url(settings: Settings, ctx: Context) -> str:
    url = ctx.secrets.get("database_url") or settings.database_url
    if not url:
        raise PermanentError("set the secret database_url, or database_url in the config", name="NoDatabaseUrl")
    return url


@step
def discover(crawl_input: CrawlInput, ctx: Context) -> Discovered:
    """Find the tables, and write the source and its schemas."""
    settings = Settings.model_validate(ctx.config)
    with connected(_url(settings, ctx)) as connection:
        names = tables(connection, settings.schemas)
        dialect = connection.dialect.name
    source = settings.source_name
    writes = [
        AssetWrite(qualified_name=qualified(source), type="database", name=source, attributes={"dialect": dialect})
    ]
    for namespace in sorted({row[0] for row in names}):
        writes.append(AssetWrite(qualified_name=qualified(source, namespace), type="schema", name=namespace))
    ctx.catalog.upsert(writes)
    ctx.log.info("tables found", tables=len(names))
    return Discovered(tables=[TableRef(namespace=name, table=table, full=crawl_input.full) for name, table in names])


@step
def crawl(ref: TableRef, ctx: Context) -> TableCrawled:
    """Crawl one table and write its assets, unless they are what the last crawl wrote."""
    settings = Settings.model_validate(ctx.config)
    with connected(_url(settings, ctx)) as connection:
        current = shape(connection, ref.namespace, ref.table)
        rows = row_count(connection, ref.namespace, ref.table)
        values = sample(connection, ref.namespace, ref.table, current, settings.sample_rows)
    profiles = {name: profile(column) for name, column in values.items()}
    del values
    writes = table_assets(settings.source_name, ref.namespace, ref.table, current, rows, profiles)
    mark, key = fingerprint(writes), state_key(settings.source_name, ref.namespace, ref.table)
    changed = 0
    # The fingerprint alone could hide that somebody deleted the assets: the table's own must still be there.
    known = ctx.state.get(key) == mark and ctx.catalog.get(writes[-1].qualified_name) is not None
    if ref.full or not known:
        changes = ctx.catalog.upsert(writes)
        changed = sum(change.outcome != "unchanged" for change in changes)
        changed += _remove_dropped_columns(ctx, writes)
        ctx.state.put(key, mark)
    return TableCrawled(
        namespace=ref.namespace,
        table=ref.table,
        columns=len(current.columns),
        changed=changed,
        skipped=known and not ref.full,
    )


def _remove_dropped_columns(ctx: Context, writes: list[AssetWrite]) -> int:
    table = writes[-1].qualified_name
    qualified_names = {write.qualified_name for write in writes}
    there = [asset.qualified_name for asset in ctx.catalog.search(type="column", prefix=f"{table}/")]
    return len(ctx.catalog.delete(*(name for name in there if name not in qualified_names)))


@step
def finish(done: FinishInput, ctx: Context) -> Summary:
    """Remove what is no longer in the database, and sum up."""
    settings = Settings.model_validate(ctx.config)
    source = settings.source_name
    seen = {qualified(source, row.namespace, row.table) for row in done.tables}
    seen |= {qualified(source, row.namespace) for row in done.tables}
    gone = [
        asset.qualified_name
        for asset in ctx.catalog.search(prefix=f"{qualified(source)}/")
        if asset.type in OURS and _owner(asset.qualified_name, asset.type) not in seen
    ]
    removed = ctx.catalog.delete(*gone)
    marks = {state_key(source, row.namespace, row.table) for row in done.tables}
    for key in ctx.state.keys("fingerprints/"):
        if key not in marks:
            ctx.state.delete(key)
    summary = Summary(
        tables=len(done.tables),
        columns=sum(row.columns for row in done.tables),
        changed=sum(row.changed for row in done.tables),
        skipped=sum(row.skipped for row in done.tables),
        removed=sum(change.outcome == "deleted" for change in removed),
    )
    ctx.log.info("crawled", **summary.model_dump())
    return summary


def _owner(name: str, kind: str) -> str:
    return name.rpartition("/")[0] if kind == "column" else name
