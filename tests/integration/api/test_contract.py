"""The control API keeps its contract: whatever is asked, it answers as docs/openapi.json says, and never with a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from functions.api.handler import handler
from scripts.generate.client import written
from scripts.generate.openapi import CONTROL, DOCUMENTS, text
from tests.support.api_world import a_world

EXAMPLES = 6
DOCUMENT: dict[str, Any] = json.loads(CONTROL.read_text())
CHECKS: list[Any] = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]
Start = Callable[[str, list[tuple[str, str]]], object]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_document_is_up_to_date(path: Path) -> None:
    assert path.read_text() == text(DOCUMENTS[path]()), "run: python -m scripts.generate.openapi"


def test_client_is_up_to_date() -> None:
    for path, source in written().items():
        assert path.read_text() == source, "run: python -m scripts.generate.client"


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """The API behind WSGI: what API Gateway makes of a request, and of the answer."""
    if environ["PATH_INFO"] == "/openapi.json":
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(DOCUMENT).encode()]
    size = int(environ.get("CONTENT_LENGTH") or 0)
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    answer = handler(
        {
            "version": "2.0",
            "routeKey": f"{environ['REQUEST_METHOD']} /v1/{{proxy+}}",
            "rawPath": path,
            "rawQueryString": environ.get("QUERY_STRING", ""),
            "queryStringParameters": query,
            "headers": headers,
            "body": environ["wsgi.input"].read(size).decode("utf-8", "replace") if size else None,
            "isBase64Encoded": False,
            "requestContext": {
                "http": {"method": environ["REQUEST_METHOD"], "path": path, "sourceIp": "127.0.0.1"},
                "authorizer": {"lambda": {"principal": "me"}},
                "stage": "$default",
            },
        },
        None,
    )
    start(f"{int(answer['statusCode'])} .", headers_of(answer))
    return [str(answer.get("body") or "").encode()]


def headers_of(answer: dict[str, Any]) -> list[tuple[str, str]]:
    headers: dict[str, Any] = answer["headers"] or {}
    return [(key, str(value)) for key, value in headers.items()]


SCHEMA: Any = schemathesis.openapi.from_wsgi("/openapi.json", application)
OPERATIONS: dict[str, Any] = {
    operation.label: operation for operation in (row.ok() for row in SCHEMA.get_all_operations())
}


@pytest.fixture(scope="module")
def known() -> Iterator[Mapping[str, str]]:
    """One cloud for all of them, and the names of what is there."""
    with a_world() as world:
        yield world.known


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_keeps_its_contract(label: str, known: Mapping[str, str]) -> None:

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
    @given(case=OPERATIONS[label].as_strategy())
    def answered(case: Any) -> None:
        for name, value in known.items():
            if name in case.path_parameters:
                case.path_parameters[name] = value
        response = case.call()
        case.validate_response(response, checks=CHECKS)

    answered()
