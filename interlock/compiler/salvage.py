"""Reads the sections of a manifest that can be read, so that a mistake in one does not hide those of the others."""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from interlock.contract.core.base import Model
from interlock.contract.manifest import (
    AppSection,
    ConfigSection,
    EventSection,
    GoldenTest,
    ListingSection,
    Manifest,
    Permissions,
    RedactSection,
    StepSection,
    WorkflowSection,
)
from interlock.contract.view import ViewSection

T = TypeVar("T", bound=Model)


def salvage(raw: Mapping[str, Any]) -> Manifest:
    """The manifest with what is right in its TOML, for checks alone.

    A step whose section is wrong keeps its name and has an empty handler. Other sections that are wrong are left out.
    """
    workflows = _each(WorkflowSection, raw.get("workflows"))
    tests = _rows(GoldenTest, raw.get("tests"))
    steps = _each(StepSection, raw.get("steps"))
    nameless = {name: StepSection.model_construct(handler="") for name in _table(raw.get("steps"))}
    return Manifest.model_construct(
        app=_section(AppSection, raw.get("app")) or AppSection.model_construct(id="", version=""),
        listing=_section(ListingSection, raw.get("listing")) or ListingSection(),
        permissions=_section(Permissions, raw.get("permissions")) or Permissions(),
        config=_section(ConfigSection, raw.get("config")),
        redact=_section(RedactSection, raw.get("redact")) or RedactSection(),
        events=_each(EventSection, raw.get("events")),
        steps=nameless | steps,
        workflows=workflows,
        views=tuple(_rows(ViewSection, raw.get("views"))),
        tests=tuple(test for test in tests if test.workflow in workflows),
    )


def _rows(model: type[T], value: Any) -> list[T]:
    sections = (_section(model, row) for row in cast(list[Any], value if isinstance(value, list) else []))
    return [section for section in sections if section is not None]


def _table(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _each(model: type[T], value: Any) -> dict[str, T]:
    sections = {name: _section(model, row) for name, row in _table(value).items()}
    return {name: section for name, section in sections.items() if section is not None}


def _section(model: type[T], value: Any) -> T | None:
    """The section without the fields that are wrong; None where it can't do without them."""
    known = {field.alias or name for name, field in model.model_fields.items()}
    fields = {key: row for key, row in _table(value).items() if key in known}
    for _ in range(2):
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            wrong = {str(row["loc"][0]) for row in error.errors() if row["loc"]}
            fields = {key: row for key, row in fields.items() if key not in wrong}
    return None
