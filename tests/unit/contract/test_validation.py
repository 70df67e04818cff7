"""What a text that has the wrong form is answered: words, and never a regular expression."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from interlock.contract.catalog import AssetType
from interlock.contract.core.base import AppId, Moment, Semver, TenantId
from interlock.contract.core.validation import FORMS, describe, field_name
from interlock.contract.manifest_values import Egress, EventName, Handler

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (Semver, "1.0", "it must be a version of three numbers, such as 1.2.3 or 1.2.3-beta.1"),
        (AppId, "Tagger", "it must be PUBLISHER/NAME in small letters, digits and hyphens, such as acme/pii-tagger"),
        (TenantId, "Acme", "it must be 2 to 24 small letters, digits and hyphens, a letter first and no hyphen last"),
        (Egress, "https://x", "it must be HOST:PORT, such as api.example.com:443 or *.example.com:443"),
        (Handler, "steps.load", "it must be MODULE:FUNCTION, such as orders.steps:load"),
        (EventName, "placed", "it must be two to four words with dots between them, such as order.placed"),
        (Moment, "today", "it must be a time in UTC such as 2026-01-31T12:00:00Z"),
        (AssetType, "Table", "it must be at most 40 small letters, digits and underscores, a letter first"),
    ],
)
def test_wrong_form_is_said_in_words(kind: Any, text: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[str](kind).validate_python(text)
    (error,) = caught.value.errors()
    assert describe(error, field_name(error, "it")) == sentence


def test_each_pattern_of_a_model_has_a_form() -> None:
    """Only `shaped` makes a pattern: nobody has to read one in an answer."""
    plain: list[str] = []
    for folder in ("interlock", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("StringConstraints", "Field"):
                    plain += [f"{path}:{node.lineno}" for word in node.keywords if word.arg == "pattern"]
    assert [place for place in plain if not place.startswith(str(ROOT / "interlock/contract/core/validation.py"))] == []
    assert len(FORMS) > 20
    for pattern, form in FORMS.items():
        assert re.compile(pattern) and form and not form.startswith("^")
