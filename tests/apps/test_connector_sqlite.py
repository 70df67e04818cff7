"""The connector on SQLite: odd names, bad tables, views, and a source that loses what it had."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.asl.errors import StatesError
from interlock.contract.core.limits import SFN_PAYLOAD_BYTES
from interlock.testing import MemoryBackend
from tests.support.crawls import CASES, crawl, of_type, reasons, summary_of

ODD = """
CREATE TABLE "a.b" ("c.d" INT PRIMARY KEY, "e/f" TEXT, "g#h" TEXT, "i%j" TEXT);
CREATE TABLE "it's" ("say ""hi"" x" TEXT, "back`tick" TEXT, "new
line" TEXT, " x " TEXT);
CREATE TABLE "100%" ("%(x)s" TEXT, ":bind" TEXT, "a:@b" TEXT, "100%s" TEXT);
CREATE TABLE "select" ("from" INT, "größe" TEXT, "名前" TEXT, "😀" TEXT);
CREATE TABLE " lead" (id, ref INT REFERENCES "a.b", gone INT REFERENCES missing(id));
CREATE TABLE "line
break" (id INT);
INSERT INTO "100%" VALUES ('1', '2', '3', '4'), ('1', '2', '3', '4'), ('1', '2', '3', '4');
"""
LETTERS = """
CREATE TABLE Parent(ID INTEGER PRIMARY KEY, Code TEXT CONSTRAINT code_u UNIQUE COLLATE NOCASE,
  CONSTRAINT many UNIQUE (ID, code));
CREATE TABLE child(pid INT CONSTRAINT to_parent REFERENCES PARENT(id) ON DELETE CASCADE,
  c TEXT NOT NULL ON CONFLICT IGNORE CONSTRAINT odd CHECK (c <> '),(') CHECK (length(c)>0),
  CONSTRAINT by_code FOREIGN KEY (C) REFERENCES parent(CODE));
CREATE UNIQUE INDEX live ON parent(lower(Code), id DESC) WHERE Code IS NOT NULL;
"""
KINDS = """
CREATE TABLE base (id INTEGER PRIMARY KEY, Mail VARCHAR(80) NOT NULL UNIQUE, n DECIMAL(10,2) DEFAULT 0 CHECK (n >= 0),
  twice INT GENERATED ALWAYS AS (n * 2) VIRTUAL, CONSTRAINT small CHECK (n < 100));
CREATE INDEX by_n ON base(n);
CREATE TABLE pair (a INT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE TABLE uses (x INT, y INT, FOREIGN KEY (x, y) REFERENCES pair(a, b));
CREATE VIEW fine(key, mail) AS SELECT ID, lower(MAIL) FROM Base;
CREATE VIEW broken AS SELECT material FROM base;
CREATE VIEW orphan AS SELECT * FROM nowhere;
CREATE VIRTUAL TABLE words USING fts5(body);
PRAGMA writable_schema = on;
INSERT INTO sqlite_master VALUES ('table', 'shapes', 'shapes', 0, 'CREATE VIRTUAL TABLE shapes USING NoSuchModule()');
"""

PAGE_BYTES = 170
"""Of a page in the input of the Map."""


def make(path: Path, sql: str) -> str:
    """A database of the script; its URL."""
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def steps_module() -> Any:
    """The module that the last crawl imported."""
    return sys.modules["interlock_connector.steps"]


def numbered(count: int) -> str:
    return "".join(f"CREATE TABLE t{number:03} (id INT PRIMARY KEY, mail TEXT);\n" for number in range(count))


def test_names_of_any_letters_are_crawled(tmp_path: Path) -> None:
    run = crawl(make(tmp_path / "odd.sqlite", ODD))
    assert summary_of(run)["skipped"] == []
    assert summary_of(run)["tables"] == 6
    names = set(of_type(run, "column"))
    assert {"main/a.b/e%2Ff", "main/a.b/g%23h", "main/a.b/i%25j", "main/it's/new%0Aline"} <= names
    assert "main/line%0Abreak" in of_type(run, "table")
    assert of_type(run, "column")["main/100%25/%25(x)s"].attributes["profile"] == {"integer": 1.0}
    assert of_type(run, "column")["main/ lead/ref"].upstream == ("db/main/a.b/c.d",)


def test_long_names_are_cut_and_stay_different(tmp_path: Path) -> None:
    columns = ", ".join(f'"{"名" * 300}{number}" INT' for number in range(3))
    run = crawl(make(tmp_path / "long.sqlite", f'CREATE TABLE "{"t/" * 200}" ({columns})'))
    assert summary_of(run)["columns"] == 3
    assert len(of_type(run, "column")) == 3


def test_bad_tables_are_skipped_and_reported(tmp_path: Path) -> None:
    run = crawl(make(tmp_path / "kinds.sqlite", KINDS))
    assert summary_of(run)["skipped"] == [
        {"table": "main.broken", "why": "broken: no such column: material"},
        {"table": "main.orphan", "why": "broken: no such table: main.nowhere"},
        {"table": "main.shapes", "why": "broken: no such module: NoSuchModule"},
    ]
    assert set(of_type(run, "table", "view")) == {"main/base", "main/pair", "main/uses", "main/words", "main/fine"}


def test_sqlite_keys_constraints_and_lineage(tmp_path: Path) -> None:
    run = crawl(make(tmp_path / "kinds.sqlite", KINDS))
    columns, tables = of_type(run, "column"), of_type(run, "table", "view")
    base: Any = tables["main/base"].attributes
    assert base["unique_constraints"] == [{"name": "", "columns": ["Mail"]}]
    assert base["indexes"] == [{"name": "by_n", "columns": ["n"], "unique": False}]
    assert {(row["name"], row["expression"]) for row in base["check_constraints"]} == {
        ("", "n >= 0"),
        ("small", "n < 100"),
    }
    assert columns["main/base/twice"].attributes["generated"] == "n * 2"
    assert columns["main/base/n"].attributes["default"] == "0"
    assert columns["main/base/Mail"].attributes["data_type"] == "VARCHAR(80)"
    assert tables["main/pair"].attributes["primary_key"] == ["b", "a"]
    assert columns["main/uses/y"].upstream == ("db/main/pair/b",)
    assert columns["main/fine/mail"].upstream == ("db/main/base/Mail",)
    assert (tables["main/fine"].upstream, tables["main/fine"].attributes["lineage"]) == (("db/main/base",), "columns")


def test_sqlite_names_are_those_that_were_created(tmp_path: Path) -> None:
    """A reference may use other letters, and sqlglot's parser takes neither such a conflict clause nor what follows."""
    run = crawl(make(tmp_path / "letters.sqlite", LETTERS))
    tables: Any = of_type(run, "table")
    child, parent = tables["main/child"], tables["main/Parent"].attributes
    assert child.upstream == ("db/main/Parent",)
    assert child.attributes["foreign_keys"] == [
        {"name": "to_parent", "columns": ["pid"], "table": "main.Parent", "references": ["ID"]},
        {"name": "by_code", "columns": ["c"], "table": "main.Parent", "references": ["Code"]},
    ]
    assert child.attributes["check_constraints"] == [
        {"name": "odd", "expression": "c <> '),('"},
        {"name": "", "expression": "length(c)>0"},
    ]
    assert of_type(run, "column")["main/child/c"].upstream == ("db/main/Parent/Code",)
    assert parent["unique_constraints"] == [
        {"name": "code_u", "columns": ["Code"]},
        {"name": "many", "columns": ["ID", "Code"]},
    ]
    assert parent["indexes"] == [
        {"name": "live", "columns": ["lower(Code)", "ID"], "unique": True, "where": "Code IS NOT NULL"}
    ]


def test_table_that_becomes_a_view_is_replaced(tmp_path: Path) -> None:
    url = make(tmp_path / "x.sqlite", "CREATE TABLE a (id INT); CREATE TABLE b (id INT, old INT)")
    first = crawl(url)
    make(tmp_path / "x.sqlite", "DROP TABLE b; CREATE VIEW b AS SELECT id FROM a")
    run = crawl(url, first.backend)
    assert set(of_type(run, "view")) == {"main/b"}
    assert set(of_type(run, "column")) == {"main/a/id", "main/b/id"}


def emptied(tmp_path: Path, left: int = 0, **config: Any) -> tuple[str, MemoryBackend]:
    """A source of 12 tables that was crawled, and then has `left`."""
    path = tmp_path / "x.sqlite"
    backend = crawl(make(path, numbered(12)), **config).backend
    return make(path, "".join(f"DROP TABLE t{number:03};" for number in range(left, 12))), backend


def test_source_that_lost_much_asks_first(tmp_path: Path) -> None:
    url, backend = emptied(tmp_path, left=6)
    questions: list[Any] = []

    def reject(value: Any) -> Any:
        questions.append(value)
        raise StatesError("Interlock.ApprovalRejected", "wrong database")

    run = crawl(url, backend, approve=reject)
    assert run.error == "Interlock.ApprovalRejected"
    assert len(of_type(run, "table")) == 12
    assert questions[0]["question"].startswith("6 of 12 tables of db are no longer in the database.")
    assert questions[0]["data"] == {"lost": 6, "first": [f"db/main/t{number:03}" for number in range(6, 12)]}
    agreed = crawl(url, backend, approve=lambda value: {"approved": True})
    assert (summary_of(agreed)["removed"], len(of_type(agreed, "table"))) == (18, 6)


@pytest.mark.parametrize(
    ("choice", "error", "left"), [("remove", None, 0), ("keep", None, 12), ("fail", "SourceVanished", 12)]
)
def test_on_vanish_decides_without_asking(tmp_path: Path, choice: str, error: str | None, left: int) -> None:
    url, backend = emptied(tmp_path, on_vanish=choice)
    run = crawl(url, backend, on_vanish=choice)
    assert (run.error, len(of_type(run, "table"))) == (error, left)


def test_few_dropped_tables_are_removed_unasked(tmp_path: Path) -> None:
    url, backend = emptied(tmp_path, left=10)
    assert summary_of(crawl(url, backend))["removed"] == 6


def test_dropped_between_listing_and_reading_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make(tmp_path / "x.sqlite", numbered(3))
    run = crawl(url)
    steps = steps_module()
    read = steps.pages.read_page

    def drop_one(*arguments: Any) -> Any:
        make(tmp_path / "x.sqlite", "DROP TABLE IF EXISTS t001")
        return read(*arguments)

    monkeypatch.setattr(steps.pages, "read_page", drop_one)
    again = crawl(url, run.backend)
    assert reasons(again) == {"main.t001": "dropped"}
    assert "main/t001" in of_type(again, "table")
    monkeypatch.undo()
    assert "main/t001" not in of_type(crawl(url, again.backend), "table")


def test_many_tables_go_through_in_pages(tmp_path: Path) -> None:
    run = crawl(make(tmp_path / "x.sqlite", numbered(350)))
    assert summary_of(run)["tables"] == 350
    assert len(run.steps_of("Crawl page")) == 4
    pages: Any = run.visits_of("Finish")[0].input
    assert [page["tables"] for page in pages["crawled"]] == [100, 100, 100, 50]
    assert len(json.dumps(pages["crawled"])) < 4 * PAGE_BYTES
    assert steps_module().pages.MAX_PAGES * PAGE_BYTES < SFN_PAYLOAD_BYTES


def test_slow_page_goes_on_in_another_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = make(tmp_path / "x.sqlite", numbered(5))
    crawl(url)
    monkeypatch.setattr(steps_module(), "BUDGET_SECONDS", -1)
    run = crawl(url)
    assert len(run.steps_of("Crawl page")) == 5
    assert (summary_of(run)["tables"], summary_of(run)["columns"]) == (5, 10)
    assert summary_of(crawl(url, run.backend))["unchanged"] == 5


def test_full_crawl_writes_everything_again(tmp_path: Path) -> None:
    url = make(tmp_path / "x.sqlite", numbered(3))
    first = crawl(url)
    assert summary_of(crawl(url, first.backend))["unchanged"] == 3
    again = crawl(url, first.backend, full=True)
    assert (summary_of(again)["unchanged"], summary_of(again)["changed"]) == (0, 0)


@pytest.fixture
def case() -> Iterator[Path]:
    """The shared cases."""
    if not CASES.exists():
        pytest.skip("shared cases: connector")
    yield CASES


def test_sqlite_cases_are_crawled(case: Path) -> None:
    expected: dict[str, tuple[int, dict[str, str]]] = {
        "broken_view-views": (3, {"main.broken": "broken", "main.orphan": "broken"}),
        "dropped-drop": (5, {}),
        "emptied-before": (12, {}),
        "names-names": (9, {}),
        "names-newline": (3, {}),
        "one_bad_table-bad": (2, {"main.shapes_index": "broken"}),
    }
    actual = {name: crawl(f"sqlite:///{case / name}.sqlite") for name in expected}
    assert {name: (summary_of(run)["tables"], reasons(run)) for name, run in actual.items()} == expected
    backend = actual["emptied-before"].backend
    after = crawl(f"sqlite:///{case / 'emptied-after'}.sqlite", backend, on_vanish="fail")
    assert (after.error, len(of_type(after, "table"))) == ("SourceVanished", 12)
