"""The compliance pack on columns that the tests describe, and on none of a particular database."""

from typing import Any

import pytest
from interlock_compliance.rules import kinds_of
from interlock_compliance.steps import classify, list_columns, write_tags

from interlock.testing import MemoryBackend, StepRun, asset, run_step

TABLE = "db/main/client"


def column(name: str, *, tags: tuple[str, ...] = (), **attributes: Any) -> Any:
    """A column of the test's table."""
    return asset(f"{TABLE}/{name}", "column", attributes={"data_type": "VARCHAR(80)", **attributes}, tags=tags)


def scan(backend: MemoryBackend, name: str = TABLE) -> StepRun:
    """The whole workflow, step by step as its definition has them."""
    listed = run_step(list_columns, {"qualified_name": name}, backend=backend).output
    value = run_step(classify, listed, backend=backend).output
    return run_step(write_tags, value, backend=backend)


@pytest.mark.parametrize(
    ("name", "table", "data_type", "kinds"),
    [
        ("FirstName", "t", "VARCHAR(9)", ["name"]),
        ("last_name", "t", "TEXT", ["name"]),
        ("surname", "t", "TEXT", ["name"]),
        ("customerEmailAddress", "t", "TEXT", ["email"]),
        ("mobile_no", "t", "TEXT", ["phone"]),
        ("home-phone", "t", "BIGINT", ["phone"]),
        ("DOB", "t", "DATE", ["birth_date"]),
        ("BirthDate", "t", "DATETIME", ["birth_date"]),
        ("SSN", "t", "CHAR(11)", ["national_id"]),
        ("passport_number", "t", "TEXT", ["national_id"]),
        ("IBAN", "t", "TEXT", ["iban"]),
        ("client_ip_address", "t", "INET", ["ip"]),
        ("billing_address", "t", "TEXT", ["address"]),
        ("name", "customers", "TEXT", ["name"]),
        ("name", "genre", "TEXT", []),
        ("product_name", "t", "TEXT", []),
        ("file_name", "t", "TEXT", []),
        ("email_verified", "t", "BOOLEAN", []),
        ("phone_type", "t", "TEXT", []),
        ("email_count", "t", "INTEGER", []),
        ("hire_date", "employee", "DATE", []),
        ("HTTPStatus", "t", "INTEGER", []),
    ],
)
def test_names(name: str, table: str, data_type: str, kinds: list[str]) -> None:
    assert kinds_of(name, table, data_type) == kinds


@pytest.mark.parametrize(
    ("profile", "kinds"),
    [
        ({"email": 0.9, "text": 0.1}, ["email"]),
        ({"phone": 0.2, "integer": 0.8}, []),
        ({"card": 1.0}, ["card"]),
        ({"postal_address": 0.6, "text": 0.4}, ["address"]),
        ({"person_words": 1.0}, []),
    ],
)
def test_profiles_of_a_column_whose_name_says_nothing(profile: dict[str, float], kinds: list[str]) -> None:
    assert kinds_of("c7", "t", "TEXT", profile) == kinds


def test_ambiguous_columns_count_only_in_tables_of_people() -> None:
    assert kinds_of("c7", "patients", "TEXT", {"person_words": 1.0}) == ["name"]
    assert kinds_of("job_title", "patients", "TEXT", {"person_words": 1.0}) == []


def test_tags_are_written_and_said_once() -> None:
    backend = MemoryBackend(
        catalog=[asset(TABLE, "table"), column("email"), column("c7", profile={"email": 1.0}), column("size")],
        scopes=["read", "write:tags"],
        emits=["pii.detected"],
    )
    first = scan(backend)
    assert backend.assets[f"{TABLE}/c7"].tags == ("pii", "pii:email")
    assert backend.assets[f"{TABLE}/size"].tags == ()
    assert [row.detail["columns"] for row in first.emitted] == [[f"{TABLE}/c7", f"{TABLE}/email"]]
    second = scan(backend)
    assert second.changes == ()
    assert second.emitted == ()


def test_own_stale_tags_go_and_others_stay() -> None:
    backend = MemoryBackend(catalog=[asset(TABLE, "table"), column("size", tags=("gold", "pii", "pii:email"))])
    run = scan(backend)
    assert backend.assets[f"{TABLE}/size"].tags == ("gold",)
    assert run.emitted == ()


def test_a_column_alone_and_an_asset_that_is_gone() -> None:
    backend = MemoryBackend(catalog=[asset(TABLE, "table"), column("email"), column("phone")])
    scan(backend, f"{TABLE}/email")
    assert backend.assets[f"{TABLE}/phone"].tags == ()
    assert scan(backend, "db/main/nothing").output["columns"] == 0


def test_a_generated_key_is_not_personal_by_its_name() -> None:
    backend = MemoryBackend(catalog=[asset(TABLE, "table"), column("phone", data_type="INTEGER", primary_key=True)])
    assert scan(backend).output["personal"] == 0
