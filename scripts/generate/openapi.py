"""Writes `docs/openapi.json`: OpenAPI 3.1 of the control API, from its handlers and the models that they use."""

import json
import sys
from typing import Any, cast

from pydantic import BaseModel, TypeAdapter, create_model
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from interlock.contract.core.base import PublisherId, Semver, TenantId
from scripts.generate.operations import ROOT, Operation, operations

FILE = ROOT / "docs/openapi.json"
REF = "#/components/schemas/{model}"
PATTERNS: dict[str, Any] = {"tenant": TenantId, "publisher": PublisherId, "version": Semver}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `code` is stable (errors.md), `next` is what helps.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        **{word: {"type": "string"} for word in ("type", "title", "detail", "code", "where", "next")},
        "status": {"type": "integer"},
        "findings": {"type": "array", "items": {"type": "object"}},
    },
}
HEADERS = {
    "RateLimit-Limit": "How many calls a minute this caller has.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds they are counted anew.",
}
ABOUT = """The control API of Interlock. People and programs send `Authorization: Bearer TOKEN` of the user pool.

Lists answer a `cursor`, which goes into `cursor` of the next call. A POST with an `Idempotency-Key` is done once: the
same key answers what the first call answered. A GET of JSON answers an `ETag`; with it in `If-None-Match` an unchanged
answer is 304, and with it in `If-Match` a PUT, POST or DELETE of the same path is refused (412) once it has changed."""


def document() -> dict[str, Any]:
    """The whole document."""
    found = operations()
    asked = [operation.asks for operation in found if operation.asks]
    answered = [answer_model(operation) for operation in found]
    models = [_used(model, "validation") for model in dict.fromkeys(asked)]
    models += [_used(model, "serialization") for model in dict.fromkeys(answered) if _is_model(model)]
    refs, schemas = models_json_schema(models, ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation, answer in zip(found, answered, strict=True):
        asks = refs[(operation.asks, "validation")] if operation.asks else None
        told = refs[(answer, "serialization")] if _is_model(answer) else _plain(answer)
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, asks, told)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Interlock",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "https://api.example.com", "description": "The output ApiUrl of the control stack"}],
        "security": [{"token": []}],
        "tags": [{"name": group} for group in dict.fromkeys(operation.group for operation in found)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "schemas": {"Problem": PROBLEM, **schemas.get("$defs", {})},
        },
    }


def answer_model(operation: Operation) -> Any:
    """What an operation answers, as a model where it is an object of several named things."""
    if not isinstance(operation.answers, dict):
        return operation.answers
    shape = cast("dict[str, Any]", operation.answers)
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in shape.items()}
    words = "".join(part.title() for part in f"{operation.group}_{operation.name}".split("_"))
    return create_model(f"{words}Answer", **fields)


def text() -> str:
    """The document as it is written."""
    return json.dumps(document(), indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def _used(model: type[BaseModel], mode: JsonSchemaMode) -> tuple[type[BaseModel], JsonSchemaMode]:
    return model, mode


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _plain(kind: Any) -> dict[str, Any]:
    if kind in (dict, str):
        return {"type": "object"} if kind is dict else {"type": "string"}
    schema = TypeAdapter(kind).json_schema(ref_template=REF, mode="serialization")
    schema.pop("$defs", None)
    return schema


def _operation(operation: Operation, asks: dict[str, Any] | None, told: dict[str, Any]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(operation, name)}
        for name in operation.parameters
    ]
    parameters += [{"name": one.name, "in": "query", "schema": {"type": one.kind}} for one in operation.query]
    if operation.method == "post":
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}})
    headers = {name: {"description": about, "schema": {"type": "integer"}} for name, about in HEADERS.items()}
    success = {"description": "Done", "headers": headers, "content": {"application/json": {"schema": told}}}
    problem = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}
    found: dict[str, Any] = {
        "operationId": f"{operation.group}_{operation.name}",
        "tags": [operation.group],
        "summary": operation.about,
        "parameters": parameters,
        "responses": {
            str(operation.status): success,
            "429": {
                "description": "Too many calls, or a quota is used up",
                "headers": headers | {"Retry-After": {"schema": {"type": "integer"}}},
                "content": problem,
            },
            "default": {"description": "Not done, and why", "content": problem},
        },
    }
    if operation.action:
        found["x-interlock-action"] = operation.action
    if asks is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": asks}}}
    return found


def _path_schema(operation: Operation, name: str) -> dict[str, Any]:
    kind = PATTERNS.get(name)
    if kind is None:
        return {"type": "string", "minLength": 1}
    return TypeAdapter(kind).json_schema()


def main() -> None:
    """Write it."""
    FILE.write_text(text())
    sys.stdout.write(f"wrote {FILE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
