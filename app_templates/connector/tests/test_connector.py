"""The connector on databases that the tests make, and on a sample where it is there."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from interlock_connector.preflight import preflight
from interlock_connector.profile import classify, profile
from interlock_connector.steps import crawl, discover, finish

from interlock.testing import MemoryBackend, run_step

CHINOOK = Path(__file__).resolve().parents[4] / "shared" / "data" / "chinook.sqlite"
TABLES = """
CREATE TABLE team (id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL);
CREATE TABLE person (id INTEGER PRIMARY KEY, c7 VARCHAR(80), team_id INTEGER REFERENCES team(id));
INSERT INTO team VALUES (1, 'Red'), (2, 'Blue');
INSERT INTO person VALUES (1, 'ada@example.com', 1), (2, 'bob@example.com', 1);
INSERT INTO person VALUES (3, 'cy@example.org', 2), (4, 'd@e.co', 2);
"""


def run_crawl(url: str, backend: MemoryBackend | None = None, **config: Any) -> tuple[dict[str, Any], MemoryBackend]:
    """The whole workflow, step by step as its definition has them."""
    backend = backend or MemoryBackend()
    fields: dict[str, Any] = {"config": {"source_name": "db", "database_url": url, **config}, "backend": backend}
    fields["secrets"] = {"database_url": None}
    value = run_step(discover, {}, **fields).output
    done = [run_step(crawl, page, **fields).output for page in value["pages"]]
    return run_step(finish, {"crawl": value["crawl"], "crawled": done}, **fields).output, backend


def changed(backend: MemoryBackend) -> list[str]:
    """What differs now, by qualified name; forgets it."""
    rows = [row.qualified_name for row in backend.changes if row.outcome != "unchanged"]
    backend.changes.clear()
    return sorted(rows)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A SQLite database of two tables."""
    path = tmp_path / "x.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(TABLES)
    return path


def alter(path: Path, sql: str) -> None:
    """Change the database."""
    with sqlite3.connect(path) as connection:
        connection.executescript(sql)


def test_tables_columns_keys_and_lineage(path: Path) -> None:
    summary, backend = run_crawl(f"sqlite:///{path}")
    assert summary == {
        "tables": 2,
        "columns": 5,
        "changed": 7,
        "unchanged": 0,
        "removed": 0,
        "skipped": [],
        "skipped_count": 0,
    }
    link = backend.assets["db/main/person/team_id"]
    assert link.upstream == ("db/main/team/id",)
    assert link.attributes["foreign_key"] is True
    assert backend.assets["db/main/person"].upstream == ("db/main/team",)
    key = {"name": "", "columns": ["team_id"], "table": "main.team", "references": ["id"]}
    attributes = {"row_count": 4, "primary_key": ["id"], "foreign_keys": [key]}
    assert backend.assets["db/main/person"].attributes == attributes
    assert backend.assets["db/main/person/c7"].attributes["profile"] == {"email": 1.0}


def test_columns_are_written_before_their_table(path: Path) -> None:
    _, backend = run_crawl(f"sqlite:///{path}")
    order = [row.qualified_name for row in backend.changes]
    assert order.index("db/main/person") > max(
        order.index(name) for name in order if name.startswith("db/main/person/")
    )


def test_no_value_is_in_the_catalog_or_the_record(path: Path) -> None:
    _, backend = run_crawl(f"sqlite:///{path}")
    assert "example.com" not in "".join(asset.model_dump_json() for asset in backend.assets.values())


def test_unchanged_database_changes_nothing(path: Path) -> None:
    _, backend = run_crawl(f"sqlite:///{path}")
    changed(backend)
    summary, backend = run_crawl(f"sqlite:///{path}", backend)
    assert changed(backend) == []
    assert summary["unchanged"] == 2


def test_one_added_column_is_one_change_and_dropping_it_another(path: Path) -> None:
    _, backend = run_crawl(f"sqlite:///{path}")
    changed(backend)
    alter(path, "ALTER TABLE person ADD COLUMN note TEXT")
    run_crawl(f"sqlite:///{path}", backend)
    assert changed(backend) == ["db/main/person/note"]
    alter(path, "ALTER TABLE person DROP COLUMN note")
    run_crawl(f"sqlite:///{path}", backend)
    assert changed(backend) == ["db/main/person/note"]
    assert "db/main/person/note" not in backend.assets


def test_dropped_table_goes_with_its_columns(path: Path) -> None:
    _, backend = run_crawl(f"sqlite:///{path}")
    alter(path, "DROP TABLE person")
    summary, backend = run_crawl(f"sqlite:///{path}", backend)
    assert summary["removed"] == 4
    assert not [name for name in backend.assets if name.startswith("db/main/person")]


def test_secret_wins_and_does_not_show(path: Path) -> None:
    url = f"sqlite:///{path}"
    run = run_step(
        discover, {}, config={"source_name": "db", "database_url": "sqlite:///no"}, secrets={"database_url": url}
    )
    assert run.output["tables"] == 2
    assert str(path) not in run.answer.model_dump_json()


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////no/such/place.sqlite", "Unreachable"), ("not a url", "BadDatabaseUrl"), ("", "NoDatabaseUrl")],
)
def test_a_database_that_is_not_there_is_a_named_error(url: str, name: str) -> None:
    run = run_step(discover, {}, config={"source_name": "db", "database_url": url}, secrets={"database_url": None})
    assert run.error is not None
    assert run.error.name == name


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a.b@example.com", "email"),
        ("+49 0711 2842222", "phone"),
        ("(555) 123-4567", "phone"),
        ("4111 1111 1111 1111", "card"),
        ("4111 1111 1111 1112", "text"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("2001:db8::1", "ip"),
        ("2024-02-29", "date"),
        ("12", "integer"),
        ("1.5", "decimal"),
        ("12 High Street", "postal_address"),
        ("Ada Lovelace", "person_words"),
        (b"x", "binary"),
        (True, "boolean"),
    ],
)
def test_format_classes(value: object, kind: str) -> None:
    assert classify(value) == kind


def test_a_profile_of_too_few_values_is_empty() -> None:
    assert profile(["a@b.co", None, ""]) == {}


@pytest.mark.skipif(not CHINOOK.exists(), reason="shared data: chinook.sqlite")
def test_chinook_is_11_tables_and_64_columns() -> None:
    summary, backend = run_crawl(f"sqlite:///{CHINOOK}")
    assert (summary["tables"], summary["columns"]) == (11, 64)
    again, _ = run_crawl(f"sqlite:///{CHINOOK}", backend)
    assert again["changed"] == 0


@pytest.mark.parametrize(
    ("url", "failed"),
    [
        ("sqlite:///{path}", {}),
        ("sqlite:////nowhere/x.sqlite", {"reach the database": "Unreachable"}),
        ("nonsense", {"reach the database": "BadDatabaseUrl"}),
        ("", {"reach the database": "NoDatabaseUrl"}),
        ("postgresql://ann:secret@127.0.0.1:1/x", {"reach the database": "Unreachable"}),
        ("sqlite:///{path}.empty", {"see tables": "0 tables"}),
    ],
)
def test_preflight_says_what_is_wrong(path: Path, url: str, failed: dict[str, str]) -> None:
    sqlite3.connect(f"{path}.empty").close()
    config = {"source_name": "db", "database_url": url.format(path=path)}
    done = run_step(preflight, {}, config=config, secrets={"database_url": None})
    checks: Any = done.output
    wrong = {row["name"]: row["detail"] for row in checks if not row["ok"]}
    assert wrong.keys() == failed.keys(), wrong
    assert all(wrong[name].startswith(text) for name, text in failed.items()), wrong
    assert all(row["fix"] for row in checks if not row["ok"])
    assert "ann:secret" not in str(done.output)
