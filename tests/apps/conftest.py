"""Database servers that the tests of the connector start: one of each kind for a session."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from scripts.setup import SetupError
from tests.support import mariadb, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the superuser: of the server that `scripts/test` started, or of one of this session's own."""
    running = os.environ.get("INTERLOCK_TEST_POSTGRES_URL")
    if running:
        yield _psycopg(running)
        return
    with postgres.server() as url:
        yield _psycopg(url)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """The URL of root. Where no MariaDB can be had, tests say so by their names (`OF_MARIADB` in scripts/test.py)."""
    if mariadb.binary() is None:
        pytest.skip("no MariaDB here: neither on the PATH nor from Debian's package")
    try:
        with mariadb.server() as url:
            yield url
    except SetupError as error:
        pytest.fail(str(error))


def _psycopg(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
