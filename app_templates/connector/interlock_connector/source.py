"""The database behind SQLAlchemy: what it is made of, and samples of it."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from interlock import PermanentError, RetryableError

SYSTEM = frozenset(
    {"information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys", "INFORMATION_SCHEMA"}
)
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
"""The drivers that are vendored with this app, for URLs that name none."""


class ForeignKey(NamedTuple):
    """One column that refers to a column of another table."""

    column: str
    namespace: str
    table: str
    target: str


class Column(NamedTuple):
    """One column; `type` as the database writes it."""

    name: str
    type: str
    nullable: bool
    primary_key: bool


class Shape(NamedTuple):
    """What a table is made of."""

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]


def database_url(url: str) -> sa.URL:
    """Read a URL, with the driver that this app brings where it names none.

    Raises:
        PermanentError: `BadDatabaseUrl`.
    """
    try:
        parsed = sa.make_url(url)
        parsed.get_backend_name()
    except (SQLAlchemyError, ValueError):
        # Not the error's own text: it holds the URL, and with it the password.
        raise PermanentError("database_url is not a SQLAlchemy URL", name="BadDatabaseUrl") from None
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


@contextmanager
def connected(url: str) -> Generator[Connection]:
    """A connection that reads; closed at the end, with its engine.

    Raises:
        RetryableError: `Unreachable`, the database does not answer or refuses the sign-in.
        PermanentError: `BadDatabaseUrl`, or no driver for it.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not parsed.query:
        # As a file URI of mode ro: a crawler must not make an empty database where the path is wrong.
        parsed = parsed.set(database=f"file:{quote(parsed.database)}", query={"mode": "ro", "uri": "true"})
    try:
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    except (SQLAlchemyError, ImportError) as error:
        raise PermanentError(f"no driver for {parsed.drivername}: {error}", name="BadDatabaseUrl") from None
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise RetryableError(f"the database does not answer: {error.orig}", name="Unreachable") from error
    finally:
        engine.dispose()


def tables(connection: Connection, wanted: Sequence[str]) -> list[tuple[str, str]]:
    """Every `(schema, table)`, sorted; the system's own schemas are left out.

    Raises:
        PermanentError: `NoSuchSchema`, one that is wanted is not there.
    """
    inspector = sa.inspect(connection)
    there = [name for name in inspector.get_schema_names() if name not in SYSTEM and not name.startswith("pg_")]
    missing = sorted(set(wanted) - set(there))
    if missing:
        raise PermanentError(f"no schema {', '.join(missing)} in the database", name="NoSuchSchema")
    return sorted((name, table) for name in (wanted or there) for table in inspector.get_table_names(schema=name))


def shape(connection: Connection, namespace: str, table: str) -> Shape:
    """What a table is made of, in the order of the database."""
    inspector = sa.inspect(connection)
    key = tuple(inspector.get_pk_constraint(table, schema=namespace)["constrained_columns"])
    columns = tuple(
        Column(
            name=str(row["name"]),
            type=_type_name(row["type"], connection),
            nullable=bool(row["nullable"]) and row["name"] not in key,
            primary_key=row["name"] in key,
        )
        for row in inspector.get_columns(table, schema=namespace)
    )
    foreign = sorted(
        ForeignKey(column, row["referred_schema"] or namespace, row["referred_table"], target)
        for row in inspector.get_foreign_keys(table, schema=namespace)
        for column, target in zip(row["constrained_columns"], row["referred_columns"], strict=False)
    )
    return Shape(columns, key, tuple(foreign))


def _type_name(kind: Any, connection: Connection) -> str:
    try:
        return str(kind.compile(dialect=connection.dialect))
    except SQLAlchemyError:
        return type(kind).__name__.upper()


def row_count(connection: Connection, namespace: str, table: str) -> int:
    """How many rows a table has."""
    counted = sa.select(sa.func.count()).select_from(sa.table(table, schema=namespace))
    return int(connection.execute(counted).scalar_one())


def sample(connection: Connection, namespace: str, table: str, current: Shape, limit: int) -> dict[str, list[Any]]:
    """Values by column of the first `limit` rows in the order of the key, so that the same data gives the same sample.

    A column that the driver can't read has no values.
    """
    if limit == 0 or not current.columns:
        return {}
    columns: list[sa.ColumnClause[Any]] = [sa.column(column.name) for column in current.columns]
    by_name = {column.name: column for column in columns}
    order = [by_name[name] for name in current.primary_key] or columns[:1]
    # Unknown types come as the driver gives them: the profile looks at their text.
    query = sa.select(*columns).select_from(sa.table(table, *columns, schema=namespace)).order_by(*order).limit(limit)
    try:
        rows = connection.execute(query).all()
    except DBAPIError:
        connection.rollback()
        return {}
    return {column.name: [row[index] for row in rows] for index, column in enumerate(current.columns)}
