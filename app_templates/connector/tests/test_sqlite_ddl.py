"""What is read from the text of a table and of an index."""

import pytest
from interlock_connector.shape import Check
from interlock_connector.sqlite_ddl import MAX_SQL_CHARS, read_index, read_table


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("CREATE TABLE t (a INT CHECK (a > 0))", [("", "a > 0")]),
        ("CREATE TABLE t (a, CONSTRAINT big CHECK ((a > 0) AND (a < 9)))", [("big", "(a > 0) AND (a < 9)")]),
        ("CREATE TABLE t (a CHECK (a IN ('),', \"b)\")), b)", [("", "a IN ('),', \"b)\")")]),
        ("CREATE TABLE t (a /* CHECK (no) */ CHECK (a) -- CHECK (no)\n)", [("", "a")]),
        ('CREATE TABLE t ("check" INT, b DEFAULT (1 + (2)) CHECK (b))', [("", "b")]),
        ("CREATE TABLE t (a, CHECK (a) CONSTRAINT two CHECK (a > 1))", [("", "a"), ("two", "a > 1")]),
        ("CREATE TABLE t (a, CONSTRAINT k PRIMARY KEY (a), CHECK (a))", [("", "a")]),
        ("CREATE TABLE t (a VARCHAR(80) CONSTRAINT n NOT NULL CONSTRAINT c CHECK (a))", [("c", "a")]),
    ],
)
def test_checks_of_a_table(sql: str, checks: list[tuple[str, str]]) -> None:
    assert read_table(sql).checks == [Check(*row) for row in checks]


def test_generated_columns_and_names() -> None:
    own = read_table(
        'CREATE TABLE "t" (a, [b c] INT GENERATED ALWAYS AS (a * (2)) VIRTUAL, C AS (a) STORED,'
        ' d REFERENCES x, e CONSTRAINT up REFERENCES x(y), CONSTRAINT one UNIQUE (A, "b c"),'
        " FOREIGN KEY (a, C) REFERENCES z)"
    )
    assert own.generated == {"b c": "a * (2)", "C": "a"}
    assert own.uniques == {("a", "b c"): "one"}
    assert own.foreign_keys == {("d",): "", ("e",): "up", ("a", "c"): ""}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("CREATE INDEX i ON t (a)", (("a",), None)),
        ("CREATE UNIQUE INDEX i ON t (lower(a) COLLATE NOCASE DESC, b ASC)", (("lower(a) COLLATE NOCASE", "b"), None)),
        ("CREATE INDEX i ON t (a, b -> '$.x') WHERE a > (1) AND b", (("a", "b -> '$.x'"), "a > (1) AND b")),
    ],
)
def test_parts_of_an_index(sql: str, expected: tuple[tuple[str, ...], str | None]) -> None:
    assert read_index(sql) == expected


@pytest.mark.parametrize(
    "sql",
    ["", ")", "(((", "CREATE TABLE t (", "CREATE TABLE t ()", "CREATE TABLE t (,)", "'", "CHECK (", "UNIQUE"]
    + ["CREATE TABLE t (CONSTRAINT", "CREATE TABLE t (a CONSTRAINT)", "CREATE TABLE t (a " + "x" * MAX_SQL_CHARS],
)
def test_text_that_sqlite_would_not_take_says_nothing(sql: str) -> None:
    own = read_table(sql)
    assert (own.checks, own.generated) == ([], {})
    assert read_index(sql)[1] is None
