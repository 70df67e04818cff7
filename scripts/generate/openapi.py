"""Writes docs/openapi.json and docs/openapi-runtime.json: what Powertools says of the two APIs, in a fixed order.

`python -m scripts.generate.openapi`. Beside Powertools' document there is what it can't know: the answers and headers
that functions/api/edge.py adds to every call, and the docstrings of the models' fields. What says nothing is left out.
"""

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, License, Server, Tag
from pydantic import BaseModel

from functions.answers import PROBLEM
from functions.api import handler as control_api
from functions.api.routing import RATE_HEADERS, READ_HEADERS
from functions.api.tags import TAGS
from functions.converse import handler as converse
from functions.runtime_api import handler as runtime_api

ROOT = Path(__file__).resolve().parents[2]
CONTROL, RUNTIME = ROOT / "docs/openapi.json", ROOT / "docs/openapi-runtime.json"
Json = dict[str, Any]
ABOUT = """The control API of Interlock. People and programs send `Authorization: Bearer TOKEN` of the user pool.

A list has a `cursor`, which goes into `cursor` of the next call. A POST with an `Idempotency-Key` is done once: the
same key answers what the first call answered. A GET of JSON has an `ETag`: with it in `If-None-Match` an unchanged
answer is 304, and with it in `If-Match` a PUT, POST or DELETE of the same path is refused (412) once it has changed."""
ABOUT_RUNTIME = """The API that steps call, through the SDK. A call is signed (SigV4) by the session that the gate
vended, and carries the gate's ticket in `X-Interlock-Ticket`."""
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "Why a call was not done (RFC 9457). docs/errors.md lists the codes.",
    "required": ["type", "title", "status", "detail", "code", "where", "next"],
    "properties": {
        "type": {"type": "string", "description": "`urn:interlock:error:` and the code."},
        "title": {"type": "string", "description": "The phrase of the HTTP status."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What is wrong, for a person."},
        "code": {"type": "string", "description": "What is wrong, for a program: it does not change."},
        "where": {"type": "string", "description": "The parameter, field or resource that it is about."},
        "next": {"type": "string", "description": "What helps."},
        "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
    },
    "examples": [
        {
            "type": "urn:interlock:error:bad-request",
            "title": "Bad Request",
            "status": 400,
            "detail": "limit must be a number",
            "code": "bad-request",
            "where": "query limit",
            "next": "Correct the request; docs/api.md says what each route takes.",
        }
    ],
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The call is done once, however often it is sent with this key.",
    "schema": {"type": "string", "maxLength": 200},
}
IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of an answer that the caller has: one that is as it was is 304, without a body.",
    "schema": {"type": "string"},
}
UNUSED = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
"""Schemas of answers that Powertools would give, if functions/answers.py did not turn them into problems."""
HEADER_TYPES = {"ETag": "string"}
VALUES = ("examples", "example", "default", "enum", "const")
"""Below these stand values, not schemas."""


def control_document() -> Json:
    """The document of the control API."""
    document = _document(
        control_api.app,
        title="Interlock",
        description=ABOUT,
        tags=[Tag(name=name, description=about) for name, about in TAGS.items()],
        servers=[Server(url="https://api.example.com", description="The output ApiUrl of the control stack.")],
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
    )
    for method, operation in operations(document):
        if method == "post":
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
        if method == "get":
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})
        for status, answer in operation["responses"].items():
            _share(document, int(status), answer, operation["responses"])
            if method == "get" and int(status) < HTTPStatus.BAD_REQUEST:
                answer["headers"] |= {name: {"$ref": f"#/components/headers/{name}"} for name in READ_HEADERS}
    components = document["components"]
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY, "IfNoneMatch": IF_NONE_MATCH}
    components["headers"] = {
        name: {"description": about, "schema": {"type": HEADER_TYPES.get(name, "integer")}}
        for name, about in (RATE_HEADERS | READ_HEADERS).items()
    }
    components["schemas"] = dict(sorted((components["schemas"] | {"Problem": PROBLEM_SCHEMA}).items()))
    return document


def runtime_document() -> Json:
    """The document of the runtime API."""
    document = _document(
        runtime_api.app,
        title="Interlock runtime",
        description=ABOUT_RUNTIME,
        tags=[Tag(name=name, description=about) for name, about in runtime_api.TAGS.items()],
        servers=[Server(url="https://api.example.com", description="The output ApiUrl of the control stack.")],
    )
    # The route of the language model has a function of its own.
    model = _document(
        converse.app,
        title="Interlock runtime",
        tags=[Tag(name=name, description=about) for name, about in converse.TAGS.items()],
    )
    document["paths"] |= model["paths"]
    document["tags"] += model["tags"]
    schemas = document["components"]["schemas"] | model["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    for _, operation in operations(document):
        operation["responses"] = {
            status: answer for status, answer in operation["responses"].items() if int(status) < HTTPStatus.BAD_REQUEST
        }
        operation["responses"]["default"] = {
            "description": "The call was not done.",
            "content": {PROBLEM: {"schema": {"type": "object"}}},
        }
    return document


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """The method and the operation of every route, in the order of the document."""
    for path in document["paths"].values():
        yield from path.items()


def text(document: Json) -> str:
    """A document as it is written."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstring below each field of a model, where there is one."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(str(about.value.value)).replace("\n", " ")
        for field, about in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(about, ast.Expr) and isinstance(about.value, ast.Constant)
    }


def _document(app: APIGatewayHttpResolver, **fields: Any) -> Json:
    written = app.get_openapi_json_schema(
        version="1",
        openapi_version="3.1.0",
        license_info=License(name="Apache-2.0", identifier="Apache-2.0"),
        **fields,
    )
    document: Json = json.loads(written)
    schemas = {name: schema for name, schema in document["components"]["schemas"].items() if name not in UNUSED}
    documented = {model.__name__: model for model in _models(BaseModel)}
    for name, schema in schemas.items():
        for field, about in _docs_of(documented.get(name)).items():
            if field in schema.get("properties", {}):
                schema["properties"][field]["description"] = about
    document["components"]["schemas"] = {name: _tidy(schema) for name, schema in sorted(schemas.items())}
    document["paths"] = {
        path: {method: _operation(operation) for method, operation in sorted(methods.items())}
        for path, methods in sorted(document["paths"].items())
    }
    order = ("openapi", "info", "servers", "security", "tags", "paths", "components")
    return {key: document[key] for key in order if key in document}


def _operation(operation: Json) -> Json:
    parameters = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    responses = {status: _tidy(answer) for status, answer in sorted(operation["responses"].items())}
    order = ("operationId", "tags", "summary", "description", "parameters", "requestBody", "responses")
    tidied = {key: _tidy(operation[key]) for key in order if key in operation}
    extensions = {key: value for key, value in operation.items() if key.startswith("x-")}
    tidied |= ({"parameters": parameters} if parameters else {}) | {"responses": responses} | extensions
    return tidied


def _parameter(parameter: Json) -> Json:
    """A parameter, its description once; that it may be absent is said by `required`, not by a type `null`."""
    schema: Json = _tidy(parameter["schema"])
    schema.pop("description", None)
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema = {**kinds[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
    return {key: parameter[key] for key in ("name", "in", "required", "description") if key in parameter} | {
        "schema": schema
    }


def _tidy(node: Any) -> Any:
    """A schema without the titles that pydantic makes of names, and with whole numbers as such."""
    if isinstance(node, dict):
        rows = cast(Json, node)
        return {
            key: value if key in VALUES else _tidy(value)
            for key, value in rows.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_tidy(item) for item in cast(list[Any], node)]
    return int(node) if isinstance(node, float) and node.is_integer() else node


def _share(document: Json, status: int, answer: Json, answers: Json) -> None:
    """Put a problem's answer, and the headers of a success, into the components."""
    if PROBLEM not in answer.get("content", {}):
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}
        return
    name = HTTPStatus(status).phrase.title().replace(" ", "")
    headers: Json = {header: {"$ref": f"#/components/headers/{header}"} for header in RATE_HEADERS}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = {"description": "In how many seconds to try again.", "schema": {"type": "integer"}}
    shared = {"description": answer["description"], "headers": headers, "content": answer["content"]}
    document["components"].setdefault("responses", {})[name] = shared
    answers[str(status)] = {"$ref": f"#/components/responses/{name}"}


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        if model.__module__.startswith(("interlock.", "functions.")):
            yield model
        yield from _models(model)


def _docs_of(model: type[BaseModel] | None) -> Mapping[str, str]:
    """The docs of a model's fields, with those that it inherits."""
    if model is None or not model.__module__.startswith(("interlock.", "functions.")):
        return {}
    (parent, *_) = model.__bases__
    return {**_docs_of(parent if issubclass(parent, BaseModel) else None), **field_docs(model)}


DOCUMENTS = {CONTROL: control_document, RUNTIME: runtime_document}


def main() -> None:
    """Write both documents."""
    for path, document in DOCUMENTS.items():
        path.write_text(text(document()))
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
