"""Calls of the control API, as API Gateway hands them over."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from moto.stepfunctions.responses import StepFunctionResponse

from functions.api import contexts
from functions.api.handler import handler
from interlock.contract.core.settings import ApiSettings
from interlock.contract.registry import Membership, Role
from tests.support.cloud import ACCOUNT, REGION, TENANT, Cloud, life_settings, listed

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:interlock-"
Call = Callable[..., dict[str, Any]]


def caller(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls of the API on a cloud, with the settings that it needs."""
    fields = life_settings(cloud).model_dump()
    settings = ApiSettings.model_validate(
        {
            name: fields.get(name, f"the-{name}")
            for name, field in ApiSettings.model_fields.items()
            if name in fields or field.is_required()
        }
        | {name: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:interlock-{name}" for name in ("gate", "pause")}
        | {"start_queue": cloud.queue, "artifact_bucket": cloud.bucket, "onboard_machine": f"{MACHINE}onboard"}
    )
    # Moto does not have the call; as the local engine, it takes every definition.
    monkeypatch.setattr(StepFunctionResponse, "validate_state_machine_definition", _valid, raising=False)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    for cached in vars(contexts).values():
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()
    for scope in (f"tenant/{TENANT}", "publisher/acme"):
        cloud.registry.join(Membership(principal="me", scope=scope, role=Role.ADMIN))
    listed(cloud)

    def send(
        method: str, path: str, body: Any = None, principal: str = "me", text: str | None = None, **headers: str
    ) -> dict[str, Any]:
        path, _, query = path.partition("?")
        event = {
            "version": "2.0",
            "routeKey": f"{method} /v1/{{proxy+}}",
            "rawPath": path,
            "rawQueryString": query,
            "queryStringParameters": dict(parse_qsl(query, keep_blank_values=True)),
            "headers": {name.replace("_", "-"): value for name, value in headers.items()},
            "body": text or (json.dumps(body) if body is not None else None),
            "isBase64Encoded": False,
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
                "authorizer": {"lambda": {"principal": principal}},
                "stage": "$default",
            },
        }
        answer = handler(event, None)
        answered: dict[str, str] = answer.get("headers") or {}
        headers_of = {key.lower(): value for key, value in answered.items()}
        result = None
        if answer.get("body"):
            body = _text(answer).decode()
            result = json.loads(body) if "json" in headers_of.get("content-type", "") else body
        return {"status": answer["statusCode"], "body": result, "headers": headers_of}

    return send


def _text(answer: dict[str, Any]) -> bytes:
    """What API Gateway sends on, after the caller's own decompression."""
    body = str(answer["body"])
    return gzip.decompress(base64.b64decode(body)) if answer["isBase64Encoded"] else body.encode()


def _valid(_: object) -> str:
    return json.dumps({"result": "OK", "diagnostics": []})
