"""S3 answers 403 for an absent key to who may not list: for us it is absent, and a real refusal stays one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from interlock.aws.clients import client, forget_clients
from interlock.aws.services import artifacts
from interlock.aws.tables.bodies import Bodies
from interlock.contract.core.failure import GateFailure, NotFound
from interlock.contract.envelope import Session
from interlock.contract.run import Body
from interlock.sdk.backend import AwsBackend

SESSION = Session(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="secret",
    session_token="token",
    ticket="t",
    region="us-east-1",
    api_url="https://api.example",
    bucket="data-bucket",
    state_prefix="tenants/acme/installs/i/state/",
    secrets_prefix="interlock/acme/i/",
)
KEY = f"{SESSION.state_prefix}seen.json"
BODY = Body(key="runs/acme/r/digest.json", size=1, digest="d")


@pytest.fixture
def ours() -> Iterator[Stubber]:
    with Stubber(client("s3")) as stubber:
        yield stubber


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("NoSuchKey", 404)])
def test_expired_body_is_past_its_retention(ours: Stubber, code: str, status: int) -> None:
    ours.add_client_error("get_object", code, http_status_code=status)
    with pytest.raises(NotFound, match="retention"):
        Bodies("data-bucket", "acme", "r").read(BODY)
    ours.add_client_error("head_object", str(status), http_status_code=status)
    assert not Bodies("data-bucket", "acme", "r").has(BODY.key)
    ours.add_client_error("get_object", code, http_status_code=status)
    assert artifacts.read_optional("artifacts", "platform/advisories.json", 10) == b""


@pytest.mark.parametrize("read", [lambda: artifacts.read_json("b", "k"), lambda: artifacts.read("b", "k", "v")])
def test_throttled_read_is_not_absence(ours: Stubber, read: Any) -> None:
    ours.add_client_error("get_object", "SlowDown", http_status_code=503)
    with pytest.raises(ClientError, match="SlowDown"):
        read()
    ours.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with pytest.raises(NotFound):
        read()


@pytest.fixture
def step() -> Iterator[tuple[AwsBackend, Stubber]]:
    backend = AwsBackend(SESSION)
    with Stubber(backend.s3()) as stubber:
        yield backend, stubber


def test_absent_state_is_none_by_a_list_of_its_own_prefix(step: tuple[AwsBackend, Stubber]) -> None:
    backend, s3 = step
    s3.add_client_error("get_object", "AccessDenied", http_status_code=403)
    s3.add_response("list_objects_v2", {"Contents": []}, {"Bucket": SESSION.bucket, "Prefix": KEY, "MaxKeys": 1})
    assert backend.state_get("seen") is None
    s3.assert_no_pending_responses()


@pytest.mark.parametrize("listed", [True, False])
def test_state_that_was_not_granted_is_denied(step: tuple[AwsBackend, Stubber], listed: bool) -> None:
    backend, s3 = step
    s3.add_client_error("get_object", "AccessDenied", http_status_code=403)
    if listed:
        s3.add_response("list_objects_v2", {"Contents": [{"Key": KEY}]})
    else:
        s3.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
    with pytest.raises(GateFailure, match="may not do this"):
        backend.state_get("seen")


def test_state_that_is_there_is_read_in_one_call(step: tuple[AwsBackend, Stubber]) -> None:
    backend, s3 = step
    s3.add_response("get_object", {"Body": io.BytesIO(b"1")})
    assert backend.state_get("seen") == "1"


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "us-gov-west-1"])
def test_presigned_urls_are_regional(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    forget_clients()
    try:
        host = f"https://artifacts.s3.{region}.amazonaws.com/"
        assert artifacts.presign_read("artifacts", "k").startswith(f"{host}k?")
        assert artifacts.presign("artifacts", "k").url == host
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
        forget_clients()
        assert artifacts.presign_read("artifacts", "k").startswith("http://127.0.0.1:4566/artifacts/k?")
    finally:
        forget_clients()
