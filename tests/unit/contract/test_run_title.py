"""Titles of runs: which templates are taken, and what a run is called."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.contract.core import limits
from interlock.contract.manifest import WorkflowSection
from interlock.contract.run_title import title_of, title_problem, wants_input

VALUES: dict[str, Any] = {
    "input": {"table": "orders", "rows": 42, "all": True, "columns": ["a", "b"], "who": {"email": "ann@acme.org"}},
    "config": {"database": "sales", "password": "pw", "url": "https://ann:s3cret-word@db.acme.org/x"},
    "trigger": {"kind": "api", "name": "api", "actor": "ann"},
}


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("Crawl {config.database}", "Crawl sales"),
        ("{input.table}: {input.rows} rows, {input.all}", "orders: 42 rows, true"),
        ("{input.columns} of {input.who}", "2 items of {…}"),
        ("{input.columns.1} {input.columns.7} {input.columns.x}", "b - -"),
        ("{input.nothing.there} by {trigger.actor}", "- by ann"),
        ("Nightly", "Nightly"),
        ("", ""),
    ],
)
def test_title_has_what_its_fields_have(template: str, title: str) -> None:
    assert title_problem(template) == ""
    assert title_of(template, VALUES, ()) == title


def test_title_has_nothing_sensitive() -> None:
    template = "{input.who.email} {config.password} {config.url} {input.who}"
    title = title_of(template, VALUES, ("who.email",))
    assert title == "[redacted] [redacted] https://[redacted]@db.acme.org/x {…}"
    assert title_of("{input.who.email}", VALUES, ("who",)) == "[redacted]"


def test_title_is_one_line_of_bounded_length() -> None:
    hostile = "a\n\x1b[31mred\u202e\t b " + "x" * 500
    title = title_of("{input.t}", {"input": {"t": hostile}}, ())
    assert title.startswith("a [31mred b xxx") and title.endswith("…")
    assert len(title) == limits.TITLE_CHARS


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{inputs.a}", "did you mean input?"),
        ("{secret.a}", "begins with none of input, config, trigger"),
        ("{}", "{} is not a field"),
        ("{input.a + 1}", "is not a field"),
        ("{input[0]}", "is not a field"),
        ("{input.__class__}", ""),
        ("a { b", "has no partner"),
        ("{{input.a}}", "has no partner"),
        ("x" * (limits.TITLE_CHARS + 1), "characters at most"),
    ],
)
def test_template_that_is_not_taken_says_why(template: str, problem: str) -> None:
    assert problem in title_problem(template)
    assert bool(title_problem(template)) is bool(problem)


def test_manifest_refuses_a_title_that_cannot_be_filled() -> None:
    assert WorkflowSection(steps=("one",), title="Crawl {config.db}").title
    with pytest.raises(ValueError, match="did you mean config"):
        WorkflowSection(steps=("one",), title="Crawl {confg.db}")


def test_input_is_wanted_only_where_it_is_named() -> None:
    assert wants_input("{config.a} {input.b}")
    assert not wants_input("{config.input} input")
