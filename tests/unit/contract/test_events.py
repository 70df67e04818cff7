"""Events as JSON Schemas and as CloudEvents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from interlock.contract.cloudevent import from_cloudevent, to_cloudevent
from interlock.contract.event import AppDetail, CatalogDetail, CatalogEvent, RunDetail, RunEvent

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "events"
AT = "2026-01-01T00:00:00.000Z"
ASSET = {"qualified_name": "db/t", "type": "table", "name": "t", "created_at": AT, "updated_at": AT}
RUN = {"run": "r1", "app": "acme/app", "version": "1.0.0", "workflow": "main"}


def details() -> list[tuple[str, dict[str, Any]]]:
    base = {"id": "01", "tenant": "acme", "at": AT}
    rows = [(kind.value, CatalogDetail, {"asset": ASSET}) for kind in CatalogEvent]
    rows += [(kind.value, RunDetail, RUN) for kind in RunEvent]
    rows += [("app.event", AppDetail, {"data": {"n": 1}})]
    return [
        (name, json.loads(model.model_validate(base | {"type": name} | fields).model_dump_json()))
        for name, model, fields in rows
    ]


@pytest.mark.parametrize(("name", "detail"), details(), ids=[name for name, _ in details()])
def test_published_events_match_their_schemas(name: str, detail: dict[str, Any]) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(detail)) == []
    assert list(Draft202012Validator(schema).iter_errors({key: value for key, value in detail.items() if key != "id"}))
    whole = {"id": "bus", "source": "interlock.runs", "detail-type": name, "time": AT, "detail": detail}
    subject = to_cloudevent(whole)
    assert subject.dataschema == schema["$id"]
    assert subject.specversion == "1.0"
    assert from_cloudevent(subject) == whole | {"id": detail["id"]}


@given(
    st.text(min_size=1),
    st.from_regex(r"[a-z][a-z0-9-]{0,22}[a-z0-9]", fullmatch=True),
    st.dictionaries(st.text(), st.integers()),
)
def test_there_and_back(change: str, tenant: str, data: dict[str, int]) -> None:
    detail = {"id": change, "tenant": tenant, "at": AT, "data": data}
    event = {
        "id": change,
        "source": "interlock.app.acme/a",
        "detail-type": "pii.detected",
        "time": AT,
        "detail": detail,
    }
    assert from_cloudevent(to_cloudevent(event)) == event
