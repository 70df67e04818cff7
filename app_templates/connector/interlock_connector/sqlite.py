"""SQLite: its pragmas and the SQL that it keeps of each table."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from interlock_connector.shape import TABLE, VIEW, Column, ForeignKey, Index, Relation, Shape, Unique
from interlock_connector.sqlite_ddl import Declared, fold, read_index, read_table

STEPS = 20_000
"""Instructions of SQLite's machine between two looks at the clock."""
_NAME: sa.ColumnClause[str] = sa.column("name", sa.String())
_TYPE: sa.ColumnClause[str] = sa.column("type", sa.String())
_SQL: sa.ColumnClause[str] = sa.column("sql", sa.String())
PRAGMAS = {
    name: sa.text(query)
    for name, query in (
        ("table_xinfo", "SELECT * FROM pragma_table_xinfo(:name, :namespace)"),
        ("foreign_key_list", "SELECT * FROM pragma_foreign_key_list(:name, :namespace)"),
        ("index_list", "SELECT * FROM pragma_index_list(:name, :namespace)"),
        ("index_info", "SELECT * FROM pragma_index_info(:name, :namespace)"),
    )
}


class Sqlite:
    """See `shape.Reader`."""

    dialect = "sqlite"

    def prepare(self, connection: Connection, seconds: int) -> None:
        """See `shape.Reader`; the file is open for reading only."""
        raw: Any = connection.connection.dbapi_connection
        raw.execute(f"PRAGMA busy_timeout = {seconds * 1000}")
        state = {"end": 0.0}

        def begin(*_: Any) -> None:
            state["end"] = time.monotonic() + seconds

        event.listen(connection, "before_cursor_execute", begin)
        begin()
        raw.set_progress_handler(lambda: time.monotonic() > state["end"], STEPS)

    def schemas(self, connection: Connection) -> list[str]:
        """See `shape.Reader`."""
        rows = connection.exec_driver_sql("PRAGMA database_list").all()
        return [str(row[1]) for row in rows if row[1] != "temp"]

    def relations(self, connection: Connection, schemas: Sequence[str]) -> list[Relation]:
        """See `shape.Reader`; the tables in which a virtual table keeps its rows are not listed."""
        listed: list[Relation] = []
        for namespace in schemas:
            shadows = _shadows(connection)
            rows: Sequence[Any] = connection.execute(_master(namespace)).all()
            for name, kind, _ in rows:
                if not name.startswith("sqlite_") and (namespace, name) not in shadows:
                    listed.append(Relation(namespace, str(name), str(kind)))
        return listed

    def shapes(self, connection: Connection, namespace: str, names: Sequence[str]) -> Mapping[str, Shape]:
        """See `shape.Reader`."""
        shapes: dict[str, Shape] = {}
        for name in names:
            # A view may write the name of its table in other letters.
            row = connection.execute(_master(namespace).where(_NAME.collate("NOCASE") == name)).first()
            if row is not None:
                real, kind, sql = (str(part or "") for part in row)
                shapes[real] = _shape(connection, namespace, real, sql, view=kind == VIEW)
        return shapes


def _master(namespace: str) -> Any:
    """The names, kinds and SQL of tables and views."""
    table = sa.table("sqlite_master", schema=namespace)
    return sa.select(_NAME, _TYPE, _SQL).select_from(table).where(_TYPE.in_((TABLE, VIEW)))


def _shadows(connection: Connection) -> set[tuple[str, str]]:
    rows = connection.exec_driver_sql("PRAGMA table_list").all()
    return {(str(row[0]), str(row[1])) for row in rows if row[2] == "shadow"}


def _shape(connection: Connection, namespace: str, name: str, sql: str, *, view: bool) -> Shape:
    rows = _pragma(connection, "table_xinfo", namespace, name)
    own = Declared() if view else read_table(sql)
    keys = sorted((int(row[5]), str(row[1])) for row in rows if row[5])
    key = tuple(column for _, column in keys)
    columns = tuple(
        Column(
            name=str(row[1]),
            type=str(row[2] or ""),
            nullable=not row[3] and row[1] not in key,
            ordinal=ordinal,
            primary_key=row[1] in key,
            default=None if row[4] is None else str(row[4]),
            generated=own.generated.get(str(row[1]), "") if row[6] in (2, 3) else None,
        )
        for ordinal, row in enumerate((row for row in rows if row[6] != 1), 1)
    )
    if view:
        return Shape(columns, definition=sql)
    uniques, indexes = _indexes(connection, namespace, name, own)
    return Shape(
        columns,
        primary_key=key,
        foreign_keys=_foreign_keys(connection, namespace, name, own),
        uniques=uniques,
        checks=tuple(own.checks),
        indexes=indexes,
    )


def _pragma(connection: Connection, pragma: str, namespace: str, name: str) -> Sequence[Any]:
    """Rows of a table-valued pragma: a name with any letters is a parameter."""
    return connection.execute(PRAGMAS[pragma], {"name": name, "namespace": namespace}).all()


def _foreign_keys(connection: Connection, namespace: str, name: str, own: Declared) -> tuple[ForeignKey, ...]:
    grouped: dict[int, list[Any]] = {}
    for row in _pragma(connection, "foreign_key_list", namespace, name):
        grouped.setdefault(int(row[0]), []).append(row)
    keys: list[ForeignKey] = []
    for _, rows in sorted(grouped.items(), reverse=True):
        parts = sorted(rows, key=lambda row: int(row[1]))
        # The reference may write names in other letters than the table that it means.
        table = _real_name(connection, namespace, str(parts[0][2]))
        info = _pragma(connection, "table_xinfo", namespace, table)
        real = {fold(str(row[1])): str(row[1]) for row in info}
        targets = tuple(real.get(fold(str(row[4])), str(row[4])) for row in parts if row[4] is not None)
        if not targets:
            # `REFERENCES t` alone refers to its primary key.
            targets = tuple(column for _, column in sorted((int(row[5]), str(row[1])) for row in info if row[5]))
        columns = tuple(str(row[3]) for row in parts)
        keys.append(ForeignKey(own.foreign_keys.get(_folded(columns), ""), columns, namespace, table, targets))
    return tuple(keys)


def _real_name(connection: Connection, namespace: str, name: str) -> str:
    """The table's name as it was created; the name itself where there is no such table."""
    row = connection.execute(_master(namespace).where(_NAME.collate("NOCASE") == name)).first()
    return str(row[0]) if row is not None else name


def _indexes(
    connection: Connection, namespace: str, name: str, own: Declared
) -> tuple[tuple[Unique, ...], tuple[Index, ...]]:
    uniques: list[Unique] = []
    indexes: list[Index] = []
    for row in _pragma(connection, "index_list", namespace, name):
        label = str(row[1])
        parts = _pragma(connection, "index_info", namespace, label)
        if row[3] == "u":
            columns = tuple(str(part[2]) for part in parts)
            uniques.append(Unique(own.uniques.get(_folded(columns), ""), columns))
        elif row[3] == "c":
            texts, condition = read_index(_index_sql(connection, namespace, label))
            if len(texts) != len(parts):
                texts = ("(expression)",) * len(parts)
            columns = tuple(text if part[2] is None else str(part[2]) for part, text in zip(parts, texts, strict=True))
            indexes.append(Index(label, columns, bool(row[2]), condition))
    return tuple(sorted(uniques)), tuple(sorted(indexes, key=lambda index: index.name))


def _index_sql(connection: Connection, namespace: str, name: str) -> str:
    table = sa.table("sqlite_master", schema=namespace)
    query = sa.select(_SQL).select_from(table).where(_TYPE == "index", _NAME == name)
    return str(connection.execute(query).scalar() or "")


def _folded(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, columns))
