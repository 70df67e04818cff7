"""The connection to the database: which reader fits it, what a statement may take, and what a failure is called."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from interlock import Context, PermanentError
from interlock_connector.any_database import AnyDatabase
from interlock_connector.errors import connection_error, is_lost, reason
from interlock_connector.models import Settings
from interlock_connector.mysql import MySql
from interlock_connector.postgres import Postgres
from interlock_connector.shape import Reader, Relation
from interlock_connector.sqlite import Sqlite

DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The drivers that are vendored with this app, for URLs that name none."""
READERS: dict[str, type[Reader]] = {"sqlite": Sqlite, "postgresql": Postgres, "mysql": MySql, "mariadb": MySql}
CONNECT_SECONDS = 10
SOCKET_SLACK_SECONDS = 15
"""The server ends a statement that takes too long; the socket waits so much longer for a server that does not."""


class Source(NamedTuple):
    """An open connection and how to ask it."""

    connection: Connection
    reader: Reader


def url_of(settings: Settings, ctx: Context) -> str:
    """The URL that the tenant gave: the secret, else the config.

    Raises:
        PermanentError: `NoDatabaseUrl`.
    """
    url = ctx.secrets.get("database_url") or settings.database_url
    if not url:
        raise PermanentError("set the secret database_url, or database_url in the config", name="NoDatabaseUrl")
    return url


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
def connected(url: str, seconds: int = 30) -> Generator[Source]:
    """A connection that reads; closed at the end, with its engine. Each statement is on its own.

    Args:
        url: as SQLAlchemy writes it.
        seconds: what a statement may take.

    Raises:
        RetryableError: `Unreachable`, the database does not answer.
        PermanentError: `SignInRefused`, `NoSuchDatabase`, `SourceUnreadable`, `BadDatabaseUrl`, or no driver for it.
    """
    parsed = database_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database and not parsed.query:
        # As a file URI of mode ro: a crawler must not make an empty database where the path is wrong.
        parsed = parsed.set(database=f"file:{quote(parsed.database)}", query={"mode": "ro", "uri": "true"})
    try:
        options = _connect_options(parsed.drivername, seconds)
        engine = sa.create_engine(
            parsed, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT", connect_args=options, hide_parameters=True
        )
    except (SQLAlchemyError, ImportError) as error:
        raise PermanentError(f"no driver for {parsed.drivername}: {error}", name="BadDatabaseUrl") from None
    reader = READERS.get(backend, AnyDatabase)()
    try:
        with _opened(engine) as connection:
            reader.prepare(connection, seconds)
            yield Source(connection, reader)
    except DBAPIError as error:
        if is_lost(error):
            raise connection_error(error) from error
        raise PermanentError(f"the database refuses to be read: {reason(error)}", name="SourceUnreadable") from error
    finally:
        engine.dispose()


def _opened(engine: sa.Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        raise connection_error(error) from error


def _connect_options(driver: str, seconds: int) -> dict[str, Any]:
    if driver.endswith("+psycopg"):
        return {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": (seconds + SOCKET_SLACK_SECONDS) * 1000}
    if driver.endswith("+pymysql"):
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + SOCKET_SLACK_SECONDS}
    return {}


def relations(source: Source, wanted: Sequence[str]) -> list[Relation]:
    """Every table and view of the schemas, sorted; the system's own schemas are left out.

    Raises:
        PermanentError: `NoSuchSchema`, one that is wanted is not there.
    """
    there = source.reader.schemas(source.connection)
    missing = sorted(set(wanted) - set(there))
    if missing:
        raise PermanentError(f"no schema {', '.join(missing)} in the database", name="NoSuchSchema")
    return sorted(source.reader.relations(source.connection, list(wanted or there)))
