"""PostgreSQL: one query of its catalogs for each kind of thing, for many tables at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from interlock_connector.shape import (
    FOREIGN,
    MATERIALIZED,
    TABLE,
    VIEW,
    Check,
    Column,
    ForeignKey,
    Index,
    Partition,
    Relation,
    Shape,
    Unique,
)

KINDS = {"r": TABLE, "p": TABLE, "v": VIEW, "m": MATERIALIZED, "f": FOREIGN}
LOCK_SECONDS = 5
"""A crawler waits so long for a lock at most, and half of what a statement may take where that is less."""

SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1"
RELATIONS = """
SELECT n.nspname, c.relname, c.relkind::text,
       has_schema_privilege(n.oid, 'USAGE')
         AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname = ANY(:schemas)
"""
OF_THEM = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = :namespace"
NAMED = "WHERE c.relname = ANY(:names) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
HEADS = f"""
SELECT c.relname, obj_description(c.oid, 'pg_class'), c.relispopulated,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, s.srvname, c.reltuples::bigint,
       ARRAY(SELECT pn.nspname || '.' || p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
             JOIN pg_namespace pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = c.oid AND NOT c.relispartition ORDER BY i.inhseqno)
{OF_THEM} LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
{NAMED}
"""
COLUMNS = f"""
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       NOT (a.attnotnull OR t.typtype = 'd' AND t.typnotnull),
       pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', a.attidentity::text,
       col_description(c.oid, a.attnum), has_column_privilege(c.oid, a.attnum, 'SELECT')
{OF_THEM} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
{NAMED} ORDER BY c.relname, a.attnum
"""
ATTRIBUTES = """ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY AS k(number, place)
 JOIN pg_attribute a ON a.attrelid = {table} AND a.attnum = k.number ORDER BY k.place)"""
CONSTRAINTS = f"""
SELECT c.relname, o.conname, o.contype::text, {ATTRIBUTES.format(keys="o.conkey", table="o.conrelid")},
       fn.nspname, fc.relname, {ATTRIBUTES.format(keys="o.confkey", table="o.confrelid")},
       CASE WHEN o.contype = 'c' THEN pg_get_expr(o.conbin, o.conrelid) END
{OF_THEM} JOIN pg_constraint o ON o.conrelid = c.oid
LEFT JOIN pg_class fc ON fc.oid = o.confrelid LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
{NAMED} ORDER BY c.relname, o.conname
"""
INDEXES = f"""
SELECT c.relname, ic.relname, i.indisunique,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k),
       pg_get_expr(i.indpred, i.indrelid, true)
{OF_THEM} JOIN pg_index i ON i.indrelid = c.oid AND NOT i.indisprimary JOIN pg_class ic ON ic.oid = i.indexrelid
{NAMED} ORDER BY c.relname, ic.relname
"""
PARTITIONS = f"""
WITH RECURSIVE below(root, oid, path) AS (
  SELECT c.relname, i.inhrelid, ARRAY[p.relname::text] {OF_THEM} JOIN pg_inherits i ON i.inhparent = c.oid
  JOIN pg_class p ON p.oid = i.inhrelid AND p.relispartition {NAMED}
  UNION ALL
  SELECT b.root, i.inhrelid, b.path || p.relname::text FROM below b JOIN pg_inherits i ON i.inhparent = b.oid
  JOIN pg_class p ON p.oid = i.inhrelid AND p.relispartition)
SELECT b.root, b.path, pg_get_expr(p.relpartbound, p.oid), p.reltuples::bigint
FROM below b JOIN pg_class p ON p.oid = b.oid ORDER BY b.root, b.path
"""
Rows = Mapping[str, list[Any]]


class Postgres:
    """See `shape.Reader`."""

    dialect = "postgres"

    def prepare(self, connection: Connection, seconds: int) -> None:
        """See `shape.Reader`; with an empty search_path a view's SQL names its schemas."""
        for setting in (
            f"statement_timeout = '{seconds}s'",
            f"lock_timeout = '{min(seconds * 500, LOCK_SECONDS * 1000)}ms'",
            "default_transaction_read_only = on",
            "search_path = ''",
        ):
            connection.execute(sa.text(f"SET {setting}"))

    def schemas(self, connection: Connection) -> list[str]:
        """See `shape.Reader`."""
        return [str(name) for (name,) in connection.execute(sa.text(SCHEMAS))]

    def relations(self, connection: Connection, schemas: Sequence[str]) -> list[Relation]:
        """See `shape.Reader`; what the user may not read is listed and says so."""
        rows = connection.execute(sa.text(RELATIONS), {"schemas": list(schemas)})
        return [Relation(namespace, name, KINDS[kind], denied=not allowed) for namespace, name, kind, allowed in rows]

    def shapes(self, connection: Connection, namespace: str, names: Sequence[str]) -> Mapping[str, Shape]:
        """See `shape.Reader`."""
        parameters = {"namespace": namespace, "names": list(names)}

        def rows_of(query: str) -> Rows:
            grouped: dict[str, list[Any]] = defaultdict(list)
            for row in connection.execute(sa.text(query), parameters):
                grouped[str(row[0])].append(row)
            return grouped

        return _shapes(rows_of)


def _shapes(rows_of: Callable[[str], Rows]) -> dict[str, Shape]:
    columns, constraints, indexes = rows_of(COLUMNS), rows_of(CONSTRAINTS), rows_of(INDEXES)
    partitions = rows_of(PARTITIONS)
    shapes: dict[str, Shape] = {}
    for name, (head,) in rows_of(HEADS).items():
        _, comment, populated, partitioned_by, definition, server, tuples, inherits = head
        rows = constraints.get(name, [])
        key = next((tuple(row[3]) for row in rows if row[2] == "p"), ())
        shapes[name] = Shape(
            tuple(_column(row, ordinal, key) for ordinal, row in enumerate(columns.get(name, []), 1)),
            primary_key=key,
            foreign_keys=tuple(
                ForeignKey(row[1], tuple(row[3]), row[4], row[5], tuple(row[6])) for row in rows if row[2] == "f"
            ),
            uniques=tuple(Unique(row[1], tuple(row[3])) for row in rows if row[2] == "u"),
            checks=tuple(Check(row[1], row[7]) for row in rows if row[2] == "c"),
            indexes=tuple(Index(row[1], tuple(row[3]), row[2], row[4]) for row in indexes.get(name, [])),
            partitions=tuple(
                Partition(tuple(row[1]), row[2] or "", row[3] if row[3] >= 0 else None)
                for row in partitions.get(name, [])
            ),
            comment=comment,
            definition=definition,
            estimate=tuples if tuples >= 0 else None,
            populated=populated,
            partitioned_by=partitioned_by,
            server=server,
            inherits=tuple(inherits),
        )
    return shapes


def _column(row: Any, ordinal: int, key: tuple[str, ...]) -> Column:
    _, name, kind, nullable, expression, generated, identity, comment, readable = row
    identities = {"a": "GENERATED ALWAYS AS IDENTITY", "d": "GENERATED BY DEFAULT AS IDENTITY"}
    return Column(
        name=name,
        type=kind,
        nullable=nullable,
        ordinal=ordinal,
        primary_key=name in key,
        default=identities.get(identity, None if generated else expression),
        generated=expression if generated else None,
        comment=comment,
        readable=readable,
    )
