"""The backend of a running step: signed calls of the runtime API, state in S3, secrets, refusals by name."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws

from interlock import AssetWrite
from interlock.contract.core.failure import Conflict, GateFailure, Unavailable
from interlock.contract.envelope import Session
from interlock.sdk.backend import AwsBackend, backend_for

SESSION = Session(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="not-a-key",
    session_token="token",
    ticket="ticket-1",
    region="us-east-1",
    api_url="http://127.0.0.1:4566",
    api_host="abc.execute-api.localhost:4566",
    bucket="data-bucket",
    state_prefix="tenants/acme/installs/i/state/",
    secrets_prefix="interlock/acme/i/",
)


class Answer(NamedTuple):
    """What botocore's HTTP session answers with, as far as it is read."""

    status_code: int
    content: bytes


class Wire:
    """Answers one JSON body, and keeps the prepared requests."""

    def __init__(self, body: Any, status: int = 200) -> None:
        self.answer = Answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())
        self.sent: list[Any] = []

    def send(self, request: Any) -> Answer:
        """Keep it."""
        self.sent.append(request)
        return self.answer


def test_a_search_is_signed_for_the_api_with_ticket_and_host() -> None:
    wire = Wire({"assets": []})
    AwsBackend(SESSION, wire).search(type_name="table", tag=None, prefix="s/ü x", cursor=None, limit=5)
    request = wire.sent[0]
    assert request.url == "http://127.0.0.1:4566/runtime/assets?limit=5&prefix=s%2F%C3%BC%20x&type=table"
    assert request.headers["Host"] == "abc.execute-api.localhost:4566"
    assert request.headers["X-Interlock-Ticket"] == "ticket-1"
    fields = str(request.headers["Authorization"])
    assert "/us-east-1/execute-api/aws4_request" in fields
    assert "x-interlock-ticket" in fields


def test_a_batch_sends_only_what_is_given() -> None:
    wire = Wire({"changes": [{"qualified_name": "a", "outcome": "created", "version": 1}]})
    changes = AwsBackend(SESSION, wire).write([AssetWrite(qualified_name="a", type="table", tags=(), if_version=0)])
    assert changes[0].outcome == "created"
    sent = json.loads(wire.sent[0].body)
    assert sent == {"writes": [{"qualified_name": "a", "type": "table", "tags": [], "if_version": 0}]}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, {"detail": "no scope"}, GateFailure),
        (409, {"detail": "first", "status": 409}, Conflict),
        (502, b"<html>", Unavailable),
        (403, {"Message": "not signed"}, GateFailure),
    ],
)
def test_refusals_are_the_failures_they_were(status: int, body: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        AwsBackend(SESSION, Wire(body, status)).emit("a.b", {}, "key")


@pytest.fixture
def aws() -> Iterator[None]:
    """A bucket and a secret, in the process."""
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="data-bucket")
        secrets = boto3.client("secretsmanager", region_name="us-east-1")
        secrets.create_secret(Name="interlock/acme/i/db", SecretString="value")
        yield


@pytest.mark.usefixtures("aws")
def test_state_and_secrets() -> None:
    backend = AwsBackend(SESSION)
    assert backend.state_get("a/b") is None
    backend.state_put("a/b", "null")
    assert backend.state_get("a/b") == "null"
    assert backend.state_keys("a/") == ["a/b"]
    backend.state_delete("a/b")
    assert backend.state_keys("") == []
    assert backend.secret("db") == "value"
    assert backend.secret("other") is None


@pytest.mark.usefixtures("aws")
def test_clients_are_kept_and_sign_with_the_newest_credentials() -> None:
    first = backend_for(SESSION)
    first.state_put("k", "1")
    signed: list[str] = []
    client = first.s3()

    def keep_headers(request: Any, **_: object) -> None:
        signed.append(str(request.headers))

    client.meta.events.register("before-send.s3.GetObject", keep_headers)
    other = {"access_key_id": "ASIAOTHER", "secret_access_key": "other", "session_token": "other-token"}
    again = backend_for(SESSION.model_copy(update={"ticket": "ticket-2", **other}))
    assert again is first and again.s3() is client
    assert again.state_get("k") == "1"
    assert "ASIAOTHER" in signed[0] and "other-token" in signed[0]
    assert "ASIAEXAMPLE" not in signed[0]
    assert backend_for(SESSION.model_copy(update={"state_prefix": "tenants/acme/installs/j/state/"})) is not first
