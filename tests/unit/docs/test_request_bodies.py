"""No request body is a model that the platform stores: who did something, and when, is never the caller's to say."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import BaseModel

from interlock import contract
from scripts.generate.openapi import CONTROL

PACKAGE = Path(__file__).resolve().parents[3] / "interlock"
SOURCES = [*(PACKAGE / "aws" / "tables").glob("*.py"), *(PACKAGE / "control").rglob("*.py")]
CALLERS_OWN = {
    "Budget",
    "EventReplayRequest",
    "ForkJobFilter",
    "ForkJobRequest",
    "ForkRequest",
    "KillSwitch",
    "Quotas",
    "VerificationRequest",
    "WatchRule",
}
"""Values that are kept as the caller said them: each field is the caller's, and none says who or when."""
PLATFORMS_OWN = {"by", "armed_by", "armed_at", "created", "created_by", "opened", "set_by", "set_at", "updated_at"}
"""Fields that the platform alone fills."""
DOCUMENT: dict[str, Any] = json.loads(CONTROL.read_text())


def test_no_stored_model_is_a_request_body() -> None:
    stored = {name for root in stored_roots() for name in names_in(MODELS[root], bases=False)}
    assert {"Run", "Breakpoint", "Pause", "Decision", "Install", "Version", "KillSwitch", "Webhook"} <= stored
    bodies = {name for root in body_roots() for name in names_in(MODELS[root])}
    assert {"RunRequest", "NewBreakpoint", "ForkRequest"} <= bodies
    assert bodies & stored == CALLERS_OWN


def test_no_request_body_says_who_did_it_or_when() -> None:
    names = {name for root in body_roots() for name in names_in(MODELS[root])}
    owned = {f"{name}.{field}" for name in names for field in MODELS[name].model_fields if field in PLATFORMS_OWN}
    assert owned == set()


def body_roots() -> set[str]:
    """The names of the models that routes take."""
    operations = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    return {name for operation in operations for name in references(operation.get("requestBody", {}))}


def references(schema: Any) -> Iterator[str]:
    """The names that a JSON Schema refers to directly."""
    match schema:
        case {"$ref": str(target)}:
            yield target.rpartition("/")[2]
        case dict() | list():
            rows = cast("dict[str, Any] | list[Any]", schema)
            for value in rows.values() if isinstance(rows, dict) else rows:
                yield from references(value)
        case _:
            return


def stored_roots() -> set[str]:
    """The names of the models that are read from tables, or changed in them."""
    names: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr="read" | "find" | "change"), args=arguments):
                    names |= {argument.id for argument in arguments if isinstance(argument, ast.Name)}
                case ast.Subscript(value=ast.Name(id="Stored"), slice=ast.Name(id=name)):
                    names.add(name)
                case _:
                    pass
    return names & set(MODELS)


def models() -> Iterator[type[BaseModel]]:
    """Every model of the contract."""
    for info in pkgutil.walk_packages(contract.__path__, "interlock.contract."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == info.name:
                yield value


MODELS = {model.__name__: model for model in models()}


def names_in(model: type[BaseModel], *, bases: bool = True) -> set[str]:
    """A model, the models of its fields, and with `bases` those that it inherits fields from."""
    seen: set[type[BaseModel]] = set()
    waiting = [model]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        waiting += [base for base in current.__bases__ if bases and issubclass(base, BaseModel) and base.model_fields]
        current.model_rebuild()
        for field in current.model_fields.values():
            waiting += parts(field.annotation)
    return {one.__name__ for one in seen}


def parts(annotation: Any) -> list[type[BaseModel]]:
    """The models in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in parts(argument)]
