"""A call of the API while AWS is busy: 503 with a time to try again, for what is gone soon alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from functions.answers import PROBLEM, RETRY_SECONDS
from interlock.aws.clients import client
from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud

PATH = f"/v1/tenants/{TENANT}/runs/r1"
Answer = Callable[..., Any]


@pytest.fixture
def api(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    return caller(cloud, monkeypatch)


def refusal(code: str, status: int) -> Answer:
    def answer(**_: Any) -> Any:
        error = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return AWSResponse("", status, HTTPHeaders(), None), error

    return answer


def lost(**_: Any) -> Any:
    raise ReadTimeoutError(endpoint_url="https://dynamodb")


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (refusal("ThrottlingException", 400), 503, "unavailable"),
        (refusal("ProvisionedThroughputExceededException", 400), 503, "unavailable"),
        (refusal("InternalServerError", 500), 503, "unavailable"),
        (lost, 503, "unavailable"),
        (refusal("AccessDeniedException", 400), 500, "internal"),
    ],
    ids=["throttled", "too much", "failed", "lost", "denied"],
)
def test_call_says_when_to_try_again(api: Call, answer: Answer, status: int, code: str) -> None:
    events = client("dynamodb").meta.events
    events.register_first("before-call.dynamodb.GetItem", answer)
    try:
        result = api("GET", PATH)
    finally:
        events.unregister("before-call.dynamodb.GetItem", answer)
    assert (result["status"], result["body"]["code"]) == (status, code)
    assert "dynamodb" not in str(result["body"]).lower()
    assert result["headers"]["content-type"] == PROBLEM
    assert result["headers"].get("retry-after") == (str(RETRY_SECONDS) if status == 503 else None)
