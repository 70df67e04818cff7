"""MySQL and MariaDB: their information schema, for many tables at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from interlock_connector.shape import (
    FOREIGN,
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

SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
KINDS = {"BASE TABLE": TABLE, "SYSTEM VERSIONED": TABLE, "VIEW": VIEW}
FOREIGN_ENGINES = frozenset({"FEDERATED", "CONNECT", "SPIDER", "S3"})
LOCK_SECONDS = 5

SCHEMAS = "SELECT schema_name FROM information_schema.schemata ORDER BY 1"
RELATIONS = (
    "SELECT table_schema, table_name, table_type, engine FROM information_schema.tables WHERE table_schema IN :schemas"
)
OF_THEM = "table_schema = :namespace AND table_name IN :names"
HEADS = (
    "SELECT t.table_name, t.table_comment, t.table_rows, v.view_definition, t.table_type "
    "FROM information_schema.tables t "
    "LEFT JOIN information_schema.views v ON v.table_schema = t.table_schema AND v.table_name = t.table_name "
    "WHERE t.table_schema = :namespace AND t.table_name IN :names"
)
COLUMNS = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, generation_expression, "
    f"column_comment, column_key FROM information_schema.columns WHERE {OF_THEM} ORDER BY table_name, ordinal_position"
)
KEYS = (
    "SELECT table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name, "
    f"referenced_column_name FROM information_schema.key_column_usage WHERE {OF_THEM} "
    "ORDER BY table_name, constraint_name, ordinal_position"
)
INDEXES = (
    f"SELECT table_name, index_name, non_unique, column_name FROM information_schema.statistics WHERE {OF_THEM} "
    "ORDER BY table_name, index_name, seq_in_index"
)
PARTITIONS = (
    "SELECT table_name, partition_name, subpartition_name, partition_method, partition_expression, "
    "partition_description, table_rows FROM information_schema.partitions "
    f"WHERE {OF_THEM} AND partition_name IS NOT NULL "
    "ORDER BY table_name, partition_ordinal_position, subpartition_ordinal_position"
)
MARIADB_CHECKS = (
    "SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints "
    "WHERE constraint_schema = :namespace AND table_name IN :names ORDER BY table_name, constraint_name"
)
MYSQL_CHECKS = (
    "SELECT t.table_name, c.constraint_name, c.check_clause FROM information_schema.check_constraints c "
    "JOIN information_schema.table_constraints t ON t.constraint_schema = c.constraint_schema "
    "AND t.constraint_name = c.constraint_name WHERE t.table_schema = :namespace AND t.table_name IN :names "
    "ORDER BY t.table_name, c.constraint_name"
)
NO_CHECKS_BEFORE = (8, 0, 16)
"""https://dev.mysql.com/doc/refman/8.0/en/create-table-check-constraints.html"""
Rows = Mapping[str, list[Any]]


class MySql:
    """See `shape.Reader`."""

    dialect = "mysql"

    def prepare(self, connection: Connection, seconds: int) -> None:
        """See `shape.Reader`."""
        limit = f"max_statement_time = {seconds}" if _is_mariadb(connection) else f"max_execution_time = {seconds}000"
        for setting in (
            limit,
            f"lock_wait_timeout = {max(1, min(seconds // 2, LOCK_SECONDS))}",
            "transaction_read_only = 1",
        ):
            if setting.startswith("transaction") and _is_mariadb(connection):
                setting = "tx_read_only = 1"
            connection.execute(sa.text(f"SET SESSION {setting}"))

    def schemas(self, connection: Connection) -> list[str]:
        """See `shape.Reader`."""
        return [str(name) for (name,) in connection.execute(sa.text(SCHEMAS)) if name.lower() not in SYSTEM]

    def relations(self, connection: Connection, schemas: Sequence[str]) -> list[Relation]:
        """See `shape.Reader`; the server lists what the user has any privilege for."""
        if not schemas:
            return []
        query = sa.text(RELATIONS).bindparams(sa.bindparam("schemas", list(schemas), sa.String(), expanding=True))
        return [
            Relation(namespace, name, FOREIGN if str(engine or "").upper() in FOREIGN_ENGINES else KINDS[kind])
            for namespace, name, kind, engine in connection.execute(query)
            if kind in KINDS
        ]

    def shapes(self, connection: Connection, namespace: str, names: Sequence[str]) -> Mapping[str, Shape]:
        """See `shape.Reader`."""

        def rows_of(query: str) -> Rows:
            named: sa.BindParameter[str] = sa.bindparam("names", list(names), sa.String(), expanding=True)
            grouped: dict[str, list[Any]] = defaultdict(list)
            for row in connection.execute(sa.text(query).bindparams(named, namespace=namespace)):
                grouped[str(row[0])].append(row)
            return grouped

        return _shapes(rows_of, _checks_query(connection), namespace)


def _is_mariadb(connection: Connection) -> bool:
    return bool(getattr(connection.dialect, "is_mariadb", False))


def _checks_query(connection: Connection) -> str:
    if _is_mariadb(connection):
        return MARIADB_CHECKS
    version: tuple[Any, ...] = connection.dialect.server_version_info or ()
    return MYSQL_CHECKS if version >= NO_CHECKS_BEFORE else ""


def _shapes(rows_of: Callable[[str], Rows], checks_query: str, namespace: str) -> dict[str, Shape]:
    columns, keys, indexes, partitions = rows_of(COLUMNS), rows_of(KEYS), rows_of(INDEXES), rows_of(PARTITIONS)
    checks: Rows = rows_of(checks_query) if checks_query else {}
    shapes: dict[str, Shape] = {}
    for name, (head,) in rows_of(HEADS).items():
        _, comment, estimate, definition, kind = head
        constraints = _grouped(keys.get(name, []))
        key = tuple(str(row[2]) for row in constraints.get("PRIMARY", []))
        parts = partitions.get(name, [])
        uniques, others = _indexes(indexes.get(name, []), set(constraints))
        shapes[name] = Shape(
            tuple(_column(row, ordinal, key) for ordinal, row in enumerate(columns.get(name, []), 1)),
            primary_key=key,
            foreign_keys=tuple(
                ForeignKey(label, tuple(r[2] for r in rows), rows[0][3], rows[0][4], tuple(r[5] for r in rows))
                for label, rows in constraints.items()
                if rows[0][4] is not None
            ),
            uniques=uniques,
            checks=tuple(Check(str(row[1]), str(row[2])) for row in checks.get(name, [])),
            indexes=others,
            partitions=_partitions(parts),
            # The server writes VIEW where a view has no comment.
            comment=None if kind == "VIEW" else comment or None,
            definition=definition,
            estimate=None if estimate is None else int(estimate),
            partitioned_by=f"{parts[0][3]} ({parts[0][4]})" if parts else None,
        )
    return shapes


def _grouped(rows: Sequence[Any]) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[str(row[1])].append(row)
    return grouped


def _indexes(rows: Sequence[Any], constraints: set[str]) -> tuple[tuple[Unique, ...], tuple[Index, ...]]:
    """A unique index is a unique constraint here, with one name."""
    uniques: list[Unique] = []
    indexes: list[Index] = []
    for name, parts in _grouped(rows).items():
        columns = tuple(str(part[3]) if part[3] is not None else "(expression)" for part in parts)
        unique = not int(parts[0][2])
        if unique and name in constraints and name != "PRIMARY":
            uniques.append(Unique(name, columns))
        if name != "PRIMARY":
            indexes.append(Index(name, columns, unique))
    return tuple(uniques), tuple(indexes)


def _partitions(rows: Sequence[Any]) -> tuple[Partition, ...]:
    """A partition with subpartitions comes before them, with what they hold together."""
    grouped: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[str(row[1])].append(row)
    partitions: list[Partition] = []
    for name, parts in grouped.items():
        bound = str(parts[0][5] or "")
        partitions.append(Partition((name,), bound, sum(int(part[6] or 0) for part in parts)))
        partitions += [Partition((name, str(part[2])), "", int(part[6] or 0)) for part in parts if part[2] is not None]
    return tuple(partitions)


def _column(row: Any, ordinal: int, key: tuple[str, ...]) -> Column:
    _, name, kind, nullable, default, extra, expression, comment, _ = row
    extra = str(extra or "")
    written = None if default is None or str(default) == "NULL" else str(default)
    if "auto_increment" in extra.lower():
        written = "AUTO_INCREMENT"
    elif "on update" in extra.lower():
        written = f"{written or 'NULL'} {extra[extra.lower().index('on update') :]}"
    return Column(
        name=str(name),
        type=str(kind),
        nullable=nullable == "YES",
        ordinal=ordinal,
        primary_key=name in key,
        default=written,
        generated=str(expression) if expression else None,
        comment=comment or None,
    )
