"""The control API keeps its contract: whatever is asked, it answers as docs/openapi.json says, and never with a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from functions.api.handler import handler
from interlock.aws.clients import client
from interlock.contract.core import names
from scripts.generate.client import written
from scripts.generate.openapi import CONTROL, DOCUMENTS, text
from tests.support.api import caller
from tests.support.cloud import ACCOUNT, REGION, TENANT, Cloud, a_cloud
from tests.support.installs import REQUEST
from tests.support.records import a_run

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
def known() -> Iterator[dict[str, str]]:
    """One cloud for all of them, and the names of what is there."""
    with pytest.MonkeyPatch.context() as monkeypatch, a_cloud(monkeypatch) as cloud:
        cloud.pool = client("cognito-idp").create_user_pool(PoolName="interlock")["UserPool"]["Id"]
        caller(cloud, monkeypatch)
        yield _known(cloud)


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_keeps_its_contract(label: str, known: dict[str, str]) -> None:

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


def _known(cloud: Cloud) -> dict[str, str]:
    """Things that are there, so that more is tried than a 404."""
    install = cloud.install(REQUEST)
    execution = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:interlock-v-000000000000-main:{TENANT}_{install.id}_r1"
    cloud.runs.create(a_run(install.id, 1, execution=execution))
    client("s3").put_object(Bucket=cloud.bucket, Key=f"{names.state_prefix(TENANT, install.id)}a", Body=b"1")
    return {
        "tenant": TENANT,
        "publisher": "acme",
        "name": "app",
        "version": "1.0.0",
        "install": install.id,
        "run": "r1",
        "tool": "app",
    }
