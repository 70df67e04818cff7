"""The connector on a MariaDB server that the test starts: what is there, what it finds, and each failure."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from interlock.testing.process import ProcessRun
from tests.support import crawls
from tests.support.crawls import CRAWLER, PASSWORD, READER, crawl, of_type, reasons, run_script, session, summary_of

HERE = Path(__file__).parent
CASE = crawls.CASES / "mariadb.sql"
SYSTEM = "('information_schema', 'mysql', 'performance_schema', 'sys')"


def database(server: str, script: Path, user: str) -> Iterator[tuple[str, str]]:
    """The databases of the script: the URLs of root and of the crawler. They go afterwards."""
    before = schemas(server)
    try:
        run_script(server, script)
        crawler = sa.make_url(server).set(username=user, password=PASSWORD)
        yield server, crawler.render_as_string(hide_password=False)
    finally:
        with session(server) as connection:
            for name in sorted(schemas(server) - before):
                connection.exec_driver_sql(f"DROP DATABASE `{name}`")
            connection.execute(sa.text(f"DROP USER IF EXISTS '{user}'@'%'"))


def schemas(server: str) -> set[str]:
    """The databases that there are."""
    return {str(row[0]) for row in rows(server, "SELECT schema_name FROM information_schema.schemata")}


@pytest.fixture(scope="module")
def store(mariadb_server: str) -> Iterator[tuple[str, str]]:
    """The test's own databases."""
    yield from database(mariadb_server, HERE / "mariadb.sql", READER)


@pytest.fixture(scope="module")
def store_run(store: tuple[str, str]) -> ProcessRun:
    """A crawl of them, for tests that read what it wrote."""
    return crawl(store[1], exact_rows_up_to=1000)


@pytest.fixture
def case(mariadb_server: str) -> Iterator[tuple[str, str]]:
    """The databases of the shared cases."""
    yield from database(mariadb_server, CASE, CRAWLER)


def rows(url: str, query: str) -> list[Any]:
    """Rows of a query."""
    with session(url) as connection:
        return list(connection.exec_driver_sql(query).all())


def compare(crawler: str, run: ProcessRun) -> None:
    """What the information schema shows the crawler is in the catalog: columns with types, keys, constraints."""
    where = f"table_schema NOT IN {SYSTEM}"
    skipped = reasons(run)
    listed = rows(crawler, f"SELECT table_schema, table_name FROM information_schema.tables WHERE {where}")
    there = {f"{row[0]}/{row[1]}" for row in listed if f"{row[0]}.{row[1]}" not in skipped}
    assert there == set(of_type(run, "table", "view"))
    query = f"SELECT table_schema, table_name, column_name, column_type FROM information_schema.columns WHERE {where}"
    expected = {(row[0], row[1], row[2]): row[3] for row in rows(crawler, query) if f"{row[0]}/{row[1]}" in there}
    columns = of_type(run, "column")
    actual = {(*name.split("/")[:2], row.name): row.attributes["data_type"] for name, row in columns.items()}
    assert actual == expected
    kinds = {"FOREIGN KEY": "foreign_keys", "UNIQUE": "unique_constraints", "CHECK": "check_constraints"}
    counts = rows(
        crawler,
        "SELECT table_schema, table_name, constraint_type, count(*) FROM information_schema.table_constraints "
        f"WHERE {where} GROUP BY 1, 2, 3",
    )
    relations = of_type(run, "table")
    for schema, table, kind, number in counts:
        attributes: Any = relations[f"{schema}/{table}"].attributes
        assert attributes["primary_key"] if kind == "PRIMARY KEY" else len(attributes[kinds[kind]]) == number


def test_mariadb_has_what_is_there(store: tuple[str, str], store_run: ProcessRun) -> None:
    run = store_run
    assert reasons(run) == {"refused.t": "denied", "store.broken": "broken"}
    compare(store[1], run)
    tables, columns = of_type(run, "table"), of_type(run, "column")
    assert tables["store/country"].attributes["comment"] == "Where people live"
    assert columns["store/country/name"].attributes["comment"] == "its own name"
    assert columns["store/country/id"].attributes["default"] == "AUTO_INCREMENT"
    assert columns["store/country/seen"].attributes["default"] == "current_timestamp() on update current_timestamp()"
    assert columns["store/country/iso"].attributes["unique"] is True
    assert columns["store/order/state"].attributes["data_type"] == "enum('new','paid')"
    assert columns["store/order/twice"].attributes["generated"] == "`total` * 2"
    assert columns["store/parcel/line"].upstream == ("db/store/order/line",)
    assert {row["name"] for row in tables["store/order"].attributes["indexes"]} == {"by_country"}
    assert {row["columns"][0] for row in tables["store/order"].attributes["foreign_keys"]} == {"country"}


def test_mariadb_estimates_big_tables(store_run: ProcessRun) -> None:
    big: Any = of_type(store_run, "table")["store/big"].attributes
    assert big["row_count_estimated"] is True
    assert 4000 <= big["row_count"] <= 6000


def test_mariadb_partitions_are_below_their_parent(store_run: ProcessRun) -> None:
    run = store_run
    assert set(of_type(run, "partition")) == {"store/reading/old", "store/reading/later"}
    assert of_type(run, "table")["store/reading"].attributes["partitioned_by"] == "RANGE (year(`at`))"


def test_mariadb_views_have_lineage(store_run: ProcessRun) -> None:
    columns = of_type(store_run, "column")
    assert columns["store/totals/c"].upstream == ("db/store/order/country",)
    assert columns["store/totals/t"].upstream == ("db/store/order/total",)


def test_mariadb_values_that_python_lacks_stop_nothing(store_run: ProcessRun) -> None:
    run = store_run
    assert "store/odd" in of_type(run, "table")
    assert of_type(run, "column")["store/odd/id"].attributes["profile"] == {"integer": 1.0}


def test_mariadb_second_crawl_changes_nothing(store: tuple[str, str]) -> None:
    first = crawl(store[1])
    again = crawl(store[1], first.backend)
    assert (summary_of(again)["changed"], summary_of(again)["removed"]) == (0, 0)


def test_mariadb_locked_table_is_skipped_and_stays(store: tuple[str, str]) -> None:
    first = crawl(store[1])
    with session(store[0]) as other:
        other.exec_driver_sql("LOCK TABLES store.held WRITE")
        run = crawl(store[1], first.backend, statement_timeout_s=2)
    assert reasons(run)["store.held"] == "locked"
    assert "store/held" in of_type(run, "table")
    assert summary_of(run)["removed"] == 0


def test_mariadb_wrong_password_is_tried_once(store: tuple[str, str]) -> None:
    url = sa.make_url(store[1]).set(password="n0t-this-one").render_as_string(hide_password=False)
    run = crawl(url)
    assert run.error == "SignInRefused"
    assert len(run.steps_of("Discover")) == 1
    assert "n0t-this-one" not in str(run.execution.cause)


def test_mariadb_case_has_what_is_there(case: tuple[str, str]) -> None:
    run = crawl(case[1])
    compare(case[1], run)
    assert reasons(run) == {}
    columns = of_type(run, "column")
    assert columns["shop/v_revenue/total"].upstream == ("db/shop/order/total",)
    assert columns["HR_Ünïcode/Mitarbeiter/kunde"].upstream == ("db/shop/customer/customer_id",)


if not CASE.exists():
    test_mariadb_case_has_what_is_there = pytest.mark.skip(reason="shared cases: connector")(
        test_mariadb_case_has_what_is_there
    )
