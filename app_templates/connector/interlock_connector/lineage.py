"""Which columns a view's columns come from, by its SQL (sqlglot)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlglot
from sqlglot import exp
from sqlglot import lineage as lineages
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope
from sqlglot.schema import MappingSchema

from interlock_connector.shape import Relation, Shape

MAX_SQL_CHARS = 32_000
"""Of a view's SQL: parsing takes about a second for so much."""
MAX_COLUMNS = 400

Place = tuple[str, str]
"""A schema and a table."""
ColumnPlace = tuple[str, str, str]
ColumnNames = Callable[[str, Sequence[str]], Mapping[str, Sequence[str]]]
"""The columns of tables of a schema, by table; those that are not there are left out."""


class Lineage(NamedTuple):
    """What a view reads; `level` says how much of it is known: `columns`, `tables` or `unknown`."""

    level: str
    tables: tuple[Place, ...] = ()
    columns: Mapping[str, tuple[ColumnPlace, ...]] = {}


UNKNOWN = Lineage("unknown")


def view_lineage(relation: Relation, shape: Shape, dialect: str, names_of: ColumnNames) -> Lineage:
    """The lineage of one view. SQL that sqlglot can't follow gives as much as it could."""
    sql = shape.definition
    if not dialect or not sql or len(sql) > MAX_SQL_CHARS:
        return UNKNOWN
    try:
        query = _query(sql, dialect)
    except (SqlglotError, RecursionError, ValueError):
        return UNKNOWN
    if query is None:
        return UNKNOWN
    known = _known(_places(query, relation.namespace), names_of)
    tables = tuple(sorted(known))
    if len(shape.columns) > MAX_COLUMNS:
        return Lineage("tables", tables)
    try:
        columns = _columns(query, relation, shape, dialect, known)
    # The optimizer of sqlglot raises what Python raises for SQL that it does not expect.
    except Exception:
        return Lineage("tables", tables)
    return Lineage("columns" if columns is not None else "tables", tables, columns or {})


def _query(sql: str, dialect: str) -> exp.Query | None:
    parsed: Any = sqlglot.parse_one(sql, dialect=dialect)
    if isinstance(parsed, exp.Create):
        parsed = parsed.expression
    return parsed if isinstance(parsed, exp.Query) else None


def _places(query: exp.Query, namespace: str) -> set[Place]:
    own = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
    return {
        (table.db or namespace, table.name)
        for table in query.find_all(exp.Table)
        if table.name and (table.db or table.name.lower() not in own)
    }


def _known(places: set[Place], names_of: ColumnNames) -> dict[Place, Sequence[str]]:
    by_schema: dict[str, list[str]] = {}
    for namespace, name in sorted(places):
        by_schema.setdefault(namespace, []).append(name)
    return {
        (namespace, name): columns
        for namespace, names in by_schema.items()
        for name, columns in names_of(namespace, names).items()
    }


def _columns(
    query: exp.Query, relation: Relation, shape: Shape, dialect: str, known: Mapping[Place, Sequence[str]]
) -> dict[str, tuple[ColumnPlace, ...]] | None:
    fold = str.lower if dialect == "sqlite" else str
    tables: dict[str, Any] = {}
    real: dict[ColumnPlace, ColumnPlace] = {}
    for (namespace, name), columns in known.items():
        tables.setdefault(fold(namespace), {})[fold(name)] = {fold(column): "text" for column in columns}
        real |= {(fold(namespace), fold(name), fold(column)): (namespace, name, column) for column in columns}
    schema = MappingSchema(tables, dialect=dialect, normalize=False)
    query = query.copy()
    for lateral in list(query.find_all(exp.Lateral)):
        # sqlglot follows a subquery, also one that reads what stands before it, but none that says LATERAL.
        if isinstance(lateral.this, exp.Subquery) and not lateral.args.get("view"):
            inner = lateral.this.copy()
            inner.set("alias", lateral.args.get("alias"))
            lateral.replace(inner)
    for table in query.find_all(exp.Table):
        if not table.alias:
            # sqlglot's own alias loses the capitals of a quoted name.
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
    qualified: Any = qualify(
        query,
        dialect=dialect,
        db=fold(relation.namespace),
        schema=schema,
        validate_qualify_columns=False,
        identify=True,
    )
    if len(qualified.selects) != len(shape.columns):
        return None
    for index, projection in enumerate(qualified.selects):
        # A view may give two of its columns by one name, or by none: their places are unique.
        inner = projection.unalias()
        projection.replace(exp.alias_(inner.copy(), f"c{index}", quoted=True))
    nodes: Any = cast(Any, lineages).lineage(
        None, qualified, schema, dialect=dialect, scope=build_scope(qualified), copy=False
    )
    return {
        column.name: tuple(sorted(_leaves(nodes[f"c{index}"], real, fold)))
        for index, column in enumerate(shape.columns)
    }


def _leaves(root: Any, real: Mapping[ColumnPlace, ColumnPlace], fold: Callable[[str], str]) -> set[ColumnPlace]:
    """The columns of tables at the ends of sqlglot's graph."""
    leaves: set[ColumnPlace] = set()
    for node in root.walk():
        if isinstance(node.source, exp.Table) and node.expression is node.source:
            name = sqlglot.parse_one(node.name).name
            place = real.get((fold(node.source.db), fold(node.source.name), fold(name)))
            leaves |= {place} if place else set()
    return leaves
