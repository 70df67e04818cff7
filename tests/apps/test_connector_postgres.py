"""The connector on a PostgreSQL server that the test starts: what is there, what it finds, and each failure."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from interlock.testing import MemoryBackend
from interlock.testing.process import ProcessRun
from tests.support import crawls
from tests.support.crawls import CRAWLER, PASSWORD, READER, crawl, of_type, reasons, run_script, session, summary_of

HERE = Path(__file__).parent
CASE = crawls.CASES / "postgres.sql"


def database(server: str, script: Path, user: str) -> Iterator[tuple[str, str]]:
    """A database of the script: the URLs of the superuser and of the crawler."""
    name = f"crawl_{uuid.uuid4().hex[:12]}"
    with session(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {user}")
        if "CREATE ROLE" not in script.read_text():
            connection.exec_driver_sql(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
    own = sa.make_url(server).set(database=name)
    root = own.render_as_string(hide_password=False)
    try:
        run_script(root, script)
        with session(root) as connection:
            connection.exec_driver_sql(f"ALTER ROLE {user} PASSWORD '{PASSWORD}'")
        yield root, own.set(username=user, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        with session(server) as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {user}")


@pytest.fixture(scope="module")
def shop(postgres_server: str) -> Iterator[tuple[str, str]]:
    """The test's own database."""
    yield from database(postgres_server, HERE / "postgres.sql", READER)


@pytest.fixture(scope="module")
def shop_run(shop: tuple[str, str]) -> ProcessRun:
    """A crawl of it, for tests that read what it wrote."""
    return crawl(shop[1], exact_rows_up_to=1000)


@pytest.fixture
def case(postgres_server: str) -> Iterator[tuple[str, str]]:
    """The database of the shared cases."""
    yield from database(postgres_server, CASE, CRAWLER)


def rows(url: str, query: str) -> list[Any]:
    """Rows of a query, by the superuser."""
    with session(url) as connection:
        return list(connection.execute(sa.text(query)).all())


def compare(root: str, run: ProcessRun, schemas: tuple[str, ...]) -> None:
    """What the information schema has is in the catalog: columns with types, keys, constraints, views, comments."""
    listed = f"table_schema IN {schemas!r}".replace(",)", ")")
    parts = {row[0] for row in rows(root, "SELECT relname FROM pg_class WHERE relispartition")}
    skipped = reasons(run)
    there = {
        f"{row[0]}/{row[1]}"
        for row in rows(root, f"SELECT table_schema, table_name FROM information_schema.tables WHERE {listed}")
        if row[1] not in parts and f"{row[0]}.{row[1]}" not in skipped
    }
    relations = set(of_type(run, "table", "view", "foreign_table"))
    assert there == relations
    columns = of_type(run, "column")
    query = f"SELECT table_schema, table_name, column_name, is_nullable FROM information_schema.columns WHERE {listed}"
    expected = {
        f"{row[0]}/{row[1]}/{row[2]}": row[3] == "YES" for row in rows(root, query) if f"{row[0]}/{row[1]}" in there
    }
    actual = {name: row for name, row in columns.items() if name.rpartition("/")[0] in there}
    assert {name: row.attributes["nullable"] for name, row in actual.items()} == expected
    assert all(
        row.attributes["data_type"] and "NULL" not in str(row.attributes["data_type"]) for row in columns.values()
    )
    kinds = {
        "PRIMARY KEY": "primary_key",
        "FOREIGN KEY": "foreign_keys",
        "UNIQUE": "unique_constraints",
        "CHECK": "check_constraints",
    }
    counts = rows(
        root,
        f"SELECT table_schema, table_name, constraint_type, count(*) FROM information_schema.table_constraints "
        f"WHERE {listed} AND constraint_name !~ 'not_null$' GROUP BY 1, 2, 3",
    )
    tables = of_type(run, "table", "foreign_table")
    for schema, table, kind, number in counts:
        if f"{schema}/{table}" in tables:
            rows_of: Any = tables[f"{schema}/{table}"].attributes[kinds[kind]]
            assert number == 1 if kind == "PRIMARY KEY" else len(rows_of) == number


def test_postgresql_has_what_is_there(shop: tuple[str, str], shop_run: ProcessRun) -> None:
    run = shop_run
    assert reasons(run) == {"hidden.t": "denied", "shop.refused": "denied"}
    compare(shop[0], run, ("shop", "Back Office"))
    everything = of_type(run, "column", "table", "view", "materialized_view", "foreign_table", "partition")
    client = everything["shop/client"].attributes
    assert client["comment"] == "Who buys"
    assert {row["name"] for row in client["check_constraints"]} == {"known", "client_amount_check"}
    assert {"name": "by_mail", "columns": ["lower(mail::text)", "born"], "unique": False} in client["indexes"]
    live = {"name": "live", "columns": ["n", "lower(code::text)"], "unique": True, "where": "n > 0"}
    assert everything["shop/strict"].attributes["indexes"] == [live]
    assert everything["shop/strict/code"].attributes["nullable"] is False, "its domain says NOT NULL"
    assert everything["shop/client/code"].attributes["data_type"] == "shop.code"
    assert everything["shop/client/code"].attributes["unique"] is True
    mail = everything["shop/client/mail"].attributes
    assert (mail["data_type"], mail["comment"], mail["ordinal"]) == ("character varying(80)", "where bills go", 3)
    assert mail["profile"] == {"email": 1.0}
    assert everything["shop/client/low"].attributes["generated"] == "lower((mail)::text)"
    assert everything["shop/client/born"].attributes["default"] == "now()"
    assert everything["shop/client/tags"].attributes["data_type"] == "text[]"
    assert everything["shop/parcel/line"].upstream == ("db/shop/Order/line",)
    assert everything["shop/abroad"].attributes == {"server": "away"}
    assert "row_count" not in everything["shop/never"].attributes
    assert everything["shop/kinds"].attributes["row_count"] == 1


def test_postgresql_estimates_big_tables(shop_run: ProcessRun) -> None:
    run = shop_run
    big = of_type(run, "table")["shop/big"].attributes
    assert (big["row_count"], big["row_count_estimated"]) == (5000, True)
    assert of_type(run, "table")["shop/client"].attributes["row_count"] == 50


def test_postgresql_partitions_are_below_their_parent(shop_run: ProcessRun) -> None:
    run = shop_run
    assert set(of_type(run, "partition")) == {
        "shop/reading/reading_old",
        "shop/reading/reading_new",
        "shop/reading/reading_new/reading_new_a",
        "shop/reading/reading_new/kind",
    }
    parent = of_type(run, "table")["shop/reading"].attributes
    assert (parent["partitioned_by"], parent["row_count"], parent["partitions"]) == ("RANGE (at)", 60, 4)
    assert "2025-01-01" in str(of_type(run, "partition")["shop/reading/reading_old"].attributes["bound"])


def test_postgresql_views_have_lineage(shop_run: ProcessRun) -> None:
    run = shop_run
    columns = of_type(run, "column")
    assert columns["shop/per_client/client"].upstream == ("db/shop/Order/clientId",)
    assert columns["shop/named/mail"].upstream == ("db/shop/client/mail",)
    assert columns["shop/named/orders"].upstream == ("db/shop/per_client/orders",)
    assert columns["shop/kinds/last"].upstream == ("db/shop/reading/at",)
    assert of_type(run, "view")["shop/named"].upstream == ("db/shop/client", "db/shop/per_client")
    assert of_type(run, "materialized_view")["shop/kinds"].upstream == ("db/shop/reading",)


def test_postgresql_reads_what_the_user_may(shop_run: ProcessRun) -> None:
    run = shop_run
    assert "shop/partly" in of_type(run, "table")
    assert "shop/partly/secret" in of_type(run, "column")


def test_postgresql_second_crawl_changes_nothing(shop: tuple[str, str]) -> None:
    first = crawl(shop[1])
    again = crawl(shop[1], first.backend)
    assert (summary_of(again)["changed"], summary_of(again)["removed"]) == (0, 0)
    assert summary_of(again)["unchanged"] == summary_of(first)["tables"]


def test_postgresql_locked_table_is_skipped_and_stays(shop: tuple[str, str]) -> None:
    first = crawl(shop[1])
    with session(shop[0], commit=False) as other:
        other.exec_driver_sql("LOCK TABLE shop.held IN ACCESS EXCLUSIVE MODE")
        run = crawl(shop[1], first.backend, statement_timeout_s=1)
    assert reasons(run)["shop.held"] == "locked"
    assert "shop/held" in of_type(run, "table")
    assert summary_of(run)["tables"] == summary_of(first)["tables"] - 1


def test_postgresql_slow_table_is_written_without_its_rows(shop: tuple[str, str]) -> None:
    """Each row that the crawler reads waits: a policy of row-level security calls a function that sleeps."""
    with session(shop[0]) as owner:
        owner.exec_driver_sql("INSERT INTO shop.held VALUES (1)")
    first = crawl(shop[1])
    counted = of_type(first, "table")["shop/held"].attributes["row_count"]
    with session(shop[0]) as owner:
        owner.exec_driver_sql("ALTER TABLE shop.held ENABLE ROW LEVEL SECURITY")
        owner.exec_driver_sql("CREATE POLICY slow ON shop.held USING (pg_sleep(5) IS NOT NULL)")
    try:
        run = crawl(shop[1], first.backend, statement_timeout_s=1)
    finally:
        with session(shop[0]) as owner:
            owner.exec_driver_sql("DROP POLICY slow ON shop.held")
            owner.exec_driver_sql("ALTER TABLE shop.held DISABLE ROW LEVEL SECURITY")
            owner.exec_driver_sql("DELETE FROM shop.held")
    assert counted == 1
    assert "row_count" not in of_type(run, "table")["shop/held"].attributes
    assert "shop/held/id" in of_type(run, "column")
    assert "shop.held" not in reasons(run)


def test_postgresql_wrong_password_is_tried_once(shop: tuple[str, str]) -> None:
    url = sa.make_url(shop[1]).set(password="n0t-this-one").render_as_string(hide_password=False)
    run = crawl(url)
    assert run.error == "SignInRefused"
    assert len(run.steps_of("Discover")) == 1
    assert "n0t-this-one" not in str(run.execution.cause)


@pytest.mark.parametrize(
    ("change", "error"), [({"database": "nowhere"}, "NoSuchDatabase"), ({"port": 1}, "Unreachable")]
)
def test_postgresql_failure_is_named(shop: tuple[str, str], change: dict[str, Any], error: str) -> None:
    url = sa.make_url(shop[1]).set(**change).render_as_string(hide_password=False)
    assert crawl(url).error == error


def test_postgresql_case_has_what_is_there(case: tuple[str, str]) -> None:
    run = crawl(case[1], MemoryBackend())
    assert reasons(run) == {"locked.t": "denied"}
    compare(case[0], run, ("sales", "HR Team", "public"))
    assert of_type(run, "column")["sales/v_total/c"].upstream == ("db/sales/Order/customerId",)
    assert set(of_type(run, "partition")) == {"sales/events/events_2025", "sales/events/events_2026"}


if not CASE.exists():
    test_postgresql_case_has_what_is_there = pytest.mark.skip(reason="shared cases: connector")(
        test_postgresql_case_has_what_is_there
    )
