"""Any other database, as SQLAlchemy's own inspector sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from interlock_connector.shape import TABLE, VIEW, Check, Column, ForeignKey, Index, Relation, Shape, Unique

SYSTEM = frozenset({"information_schema", "sys", "system", "pg_catalog"})


class AnyDatabase:
    """See `shape.Reader`."""

    dialect = ""

    def prepare(self, connection: Connection, seconds: int) -> None:
        """Nothing is common to all: the driver's own timeout holds, set in the URL."""

    def schemas(self, connection: Connection) -> list[str]:
        """See `shape.Reader`."""
        return [name for name in sa.inspect(connection).get_schema_names() if name.lower() not in SYSTEM]

    def relations(self, connection: Connection, schemas: Sequence[str]) -> list[Relation]:
        """See `shape.Reader`."""
        inspector = sa.inspect(connection)
        listed: list[Relation] = []
        for namespace in schemas:
            listed += [Relation(namespace, name, TABLE) for name in inspector.get_table_names(schema=namespace)]
            listed += [Relation(namespace, name, VIEW) for name in inspector.get_view_names(schema=namespace)]
        return listed

    def shapes(self, connection: Connection, namespace: str, names: Sequence[str]) -> Mapping[str, Shape]:
        """See `shape.Reader`."""
        inspector = sa.inspect(connection)
        shapes: dict[str, Shape] = {}
        for name in names:
            try:
                shapes[name] = _shape(connection, inspector, namespace, name)
            except NoSuchTableError:
                continue
        return shapes


def _shape(connection: Connection, inspector: sa.Inspector, namespace: str, name: str) -> Shape:
    key = tuple(inspector.get_pk_constraint(name, schema=namespace)["constrained_columns"])
    columns = tuple(
        Column(
            name=str(row["name"]),
            type=_type_name(row["type"], connection),
            nullable=bool(row["nullable"]) and row["name"] not in key,
            ordinal=ordinal,
            primary_key=row["name"] in key,
            default=row.get("default"),
            generated=(row.get("computed") or {}).get("sqltext"),
            comment=row.get("comment"),
        )
        for ordinal, row in enumerate(inspector.get_columns(name, schema=namespace), 1)
    )
    foreign = tuple(
        ForeignKey(
            str(row["name"] or ""),
            tuple(row["constrained_columns"]),
            row["referred_schema"] or namespace,
            row["referred_table"],
            tuple(row["referred_columns"]),
        )
        for row in inspector.get_foreign_keys(name, schema=namespace)
    )
    return Shape(
        columns,
        primary_key=key,
        foreign_keys=foreign,
        uniques=tuple(
            Unique(str(row["name"] or ""), tuple(row["column_names"]))
            for row in _optional(lambda: inspector.get_unique_constraints(name, schema=namespace))
        ),
        checks=tuple(
            Check(str(row["name"] or ""), str(row["sqltext"]))
            for row in _optional(lambda: inspector.get_check_constraints(name, schema=namespace))
        ),
        indexes=tuple(
            Index(
                str(row["name"] or ""),
                tuple(part or "(expression)" for part in row["column_names"]),
                bool(row["unique"]),
            )
            for row in _optional(lambda: inspector.get_indexes(name, schema=namespace))
        ),
    )


def _optional(read: Any) -> Any:
    """What a dialect can't list is empty."""
    try:
        return read()
    except (NotImplementedError, SQLAlchemyError):
        return ()


def _type_name(kind: Any, connection: Connection) -> str:
    try:
        return str(kind.compile(dialect=connection.dialect))
    except SQLAlchemyError:
        return type(kind).__name__.upper()
