"""How many rows a relation has, and values of some of them for the profile."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from interlock_connector.errors import TIMEOUT_CODES, is_lost, reason
from interlock_connector.shape import MATERIALIZED, TABLE, Relation, Shape

BIG_ROWS = 100_000
"""So many rows are counted; what a table has above is estimated."""
DIGITS = 2
"""Of an estimate: statistics move a little each day, and a crawl should not write a table for that."""
UNREADABLE = (SQLAlchemyError, ValueError, OverflowError, UnicodeError, TypeError)
"""What drivers raise for a value that Python can't hold."""


class RowCount(NamedTuple):
    """None where the rows were not counted."""

    rows: int | None
    estimated: bool = False


def count(connection: Connection, relation: Relation, shape: Shape, limit: int = BIG_ROWS) -> RowCount:
    """The rows of a table or a materialised view: exact up to `limit`, else about how many by the statistics.

    Statistics of a table that was never analysed are guesses, so up to `limit` rows are counted whatever they say.
    A view's rows would cost its query, those of a foreign table another server's time: neither is counted.
    """
    if relation.kind not in (TABLE, MATERIALIZED) or not shape.populated:
        return RowCount(None)
    first = _rows(relation).limit(limit + 1).subquery()
    try:
        rows = _number(connection, sa.select(sa.func.count()).select_from(first))
        if rows <= limit:
            return RowCount(rows)
        estimate = _estimate(connection, relation, shape)
        if estimate is None:
            return RowCount(_number(connection, sa.select(sa.func.count()).select_from(_table(relation))))
        return RowCount(rounded(max(estimate, rows)), estimated=True)
    except DBAPIError as error:
        if is_lost(error) or not reason(error).startswith("timeout"):
            raise
        estimate = shape.estimate
        return RowCount(None if estimate is None else rounded(estimate), estimated=estimate is not None)


def _table(relation: Relation) -> sa.TableClause:
    return sa.table(relation.name, schema=relation.namespace)


def _rows(relation: Relation) -> sa.Select[Any]:
    one: sa.ColumnClause[int] = sa.literal_column("1", sa.Integer())
    return sa.select(one.label("one")).select_from(_table(relation))


def _number(connection: Connection, query: sa.Select[Any]) -> int:
    return int(connection.execute(query).scalar_one())


def rounded(estimate: int) -> int:
    """An estimate with `DIGITS` digits that count."""
    if estimate <= 0:
        return 0
    return int(round(estimate, DIGITS - 1 - math.floor(math.log10(estimate))))


def _estimate(connection: Connection, relation: Relation, shape: Shape) -> int | None:
    """PostgreSQL's planner estimates from the size where a table was never analysed, and adds up partitions."""
    if connection.dialect.name != "postgresql":
        return shape.estimate
    text = str(_rows(relation).compile(dialect=connection.dialect)).replace(":", "\\:")
    plan: Any = connection.execute(sa.text(f"EXPLAIN (FORMAT JSON) {text}")).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def sample(connection: Connection, relation: Relation, shape: Shape, limit: int) -> dict[str, list[Any]]:
    """Values by column of the first `limit` rows in the order of the key, so that the same data gives the same sample.

    A column that may not be read, or that the driver can't read, has no values. Views and foreign tables have none.
    """
    columns = [column for column in shape.columns if column.readable]
    if limit == 0 or not columns or relation.kind not in (TABLE, MATERIALIZED) or not shape.populated:
        return {}
    names = [column.name for column in columns]
    readable = {*names}
    key = [name for name in shape.primary_key if name in readable]
    big = (shape.estimate or 0) > BIG_ROWS
    # A big table without a key would have to be sorted for an order.
    first = key or ([] if big else names[:1])
    orders: list[list[str]] = [first, []] if first else [[]]
    for order in orders:
        try:
            rows = connection.execute(_query(relation, names, order, limit)).all()
        except UNREADABLE as error:
            if isinstance(error, DBAPIError) and _is_final(error):
                return {}
            continue
        return {name: [row[index] for row in rows] for index, name in enumerate(names)}
    return _by_column(connection, relation, names, limit)


def _by_column(connection: Connection, relation: Relation, names: Sequence[str], limit: int) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {}
    for name in names:
        try:
            rows = connection.execute(_query(relation, [name], [], limit)).all()
        except UNREADABLE as error:
            if isinstance(error, DBAPIError) and _is_final(error):
                return values
            continue
        values[name] = [row[0] for row in rows]
    return values


def _is_final(error: DBAPIError) -> bool:
    """Whether another query would cost as much and fail as well."""
    if is_lost(error):
        raise error
    return reason(error).startswith(("timeout", "locked")) or getattr(error.orig, "sqlstate", "") in TIMEOUT_CODES


def _query(relation: Relation, names: Sequence[str], order: Sequence[str], limit: int) -> sa.Select[Any]:
    columns: dict[str, sa.ColumnClause[Any]] = {name: sa.column(name) for name in names}
    # Unknown types come as the driver gives them: the profile looks at their text.
    table = sa.table(relation.name, *columns.values(), schema=relation.namespace)
    labelled = [table.c[name].label(f"c{index}") for index, name in enumerate(names)]
    return sa.select(*labelled).select_from(table).order_by(*(table.c[name] for name in order)).limit(limit)
