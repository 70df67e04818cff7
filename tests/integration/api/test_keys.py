"""What AWS's DynamoDB refuses and the mocked one does not: keys that are too long, and cursors of another list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.tables.table import require_short
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.limits import PARTITION_KEY_BYTES, SORT_KEY_BYTES
from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud

BASE = f"/v1/tenants/{TENANT}"
LONG = "x" * (PARTITION_KEY_BYTES + 1)


@pytest.fixture
def call(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the API as a tenant's admin."""
    return caller(cloud, monkeypatch)


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/runs/{LONG}",
        f"{BASE}/installs/{LONG}",
        f"{BASE}/webhooks/{LONG}",
        f"{BASE}/assets?qualified_name={LONG}",
        f"{BASE}/assets:history?qualified_name={LONG}",
        f"{BASE}/runs?fingerprint={LONG}",
        f"/v1/publishers/acme/apps/{LONG}/versions",
    ],
)
def test_name_that_is_too_long_for_a_key_is_refused(call: Call, path: str) -> None:
    answer = call("GET", path)
    assert (answer["status"], answer["body"]["code"]) == (400, "bad-request")
    assert "too long" in answer["body"]["detail"]


def test_bytes_of_a_key_are_counted_and_not_characters() -> None:
    require_short("x" * PARTITION_KEY_BYTES, "x" * SORT_KEY_BYTES)
    for pk, sk in (("é" * (PARTITION_KEY_BYTES // 2 + 1), ""), ("", "é" * (SORT_KEY_BYTES // 2 + 1))):
        with pytest.raises(BadRequest):
            require_short(pk, sk)


def test_cursor_that_lies_outside_the_list_is_refused(call: Call) -> None:
    def refuse(params: dict[str, Any], **_: Any) -> None:
        if "ExclusiveStartKey" not in json.loads(params["body"]):
            return
        text = "The provided starting key is outside query boundaries based on provided conditions"
        raise ClientError({"Error": {"Code": "ValidationException", "Message": text}}, "Query")

    key = {"pk": {"S": f"TEN#{TENANT}"}, "sk": {"S": "HOOK#1"}}
    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb.Query", refuse)
    try:
        answer = call("GET", f"{BASE}/installs?cursor={json.dumps(key)}")
    finally:
        events.unregister("before-call.dynamodb.Query", refuse)
    assert (answer["status"], answer["body"]["where"]) == (400, "cursor")
