"""What the client sends, and what it makes of answers: JSON, problems, and answers of others in between."""

import io
import json
import socket
from functools import cached_property
from typing import Any

import pytest
import urllib3
from urllib3 import exceptions

from interlock.client.transport import REMEMBERED, REMEMBERED_BYTES, Transport
from interlock.contract.core.failure import Conflict, Failure, NotFound, NotSignedIn, Rejected, Throttled, Unavailable


class Wire(Transport):
    """Answers as a test says, and keeps what was sent."""

    def __init__(self, status: int = 200, body: str | bytes = b"{}") -> None:
        super().__init__("http://api", "acme")
        self.answer = urllib3.HTTPResponse(io.BytesIO(body.encode() if isinstance(body, str) else body), status=status)
        self.sent: list[dict[str, Any]] = []
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def headers(self) -> dict[str, str]:
        return {"Authorization": "Bearer token"}

    def send(self, method: str, url: str, **fields: Any) -> urllib3.BaseHTTPResponse:
        self.sent.append({"method": method, "url": url} | fields)
        return self.answer


class Severed(Transport):
    """A wire on which each call ends with an error."""

    def __init__(self, error: Exception) -> None:
        super().__init__("http://api", "acme")
        self.error = error

    @cached_property
    def _pool(self) -> Any:
        return self

    def request(self, *_: Any, **__: Any) -> None:
        raise self.error

    def headers(self) -> dict[str, str]:
        return {}


NOBODY: Any = None


@pytest.mark.parametrize(
    ("error", "code", "why"),
    [
        (exceptions.NewConnectionError(NOBODY, "refused"), "no-platform", "nobody listens there"),
        (exceptions.NameResolutionError("api", NOBODY, socket.gaierror()), "no-platform", "its name has no address"),
        (exceptions.ReadTimeoutError(NOBODY, "/v1/x", "timed out"), "no-answer", "it took too long"),
        (exceptions.ConnectTimeoutError("timed out"), "no-answer", "it took too long"),
        (exceptions.ProtocolError("Connection aborted."), "no-answer", "the connection broke"),
        (exceptions.SSLError("bad certificate"), "no-answer", "its certificate or its TLS is not valid"),
    ],
)
def test_why_nobody_answered_is_said_in_words(error: Exception, code: str, why: str) -> None:
    with pytest.raises(Unavailable) as caught:
        Severed(error).send("GET", "http://api/v1/x?token=1")
    assert (caught.value.code, caught.value.what) == (code, f"the platform did not answer: {why}")
    assert caught.value.where == "http://api/v1/x"


def test_a_call_has_its_query_its_key_and_its_body() -> None:
    wire = Wire()
    query: Any = {"limit": 5, "cursor": None, "state": "", "whole": True, "text": "a&b c/é"}
    wire.fetch("POST", "/v1/x", {"a": "ü"}, query=query, key="k1")
    (sent,) = wire.sent
    assert sent["url"] == "http://api/v1/x?limit=5&whole=true&text=a%26b+c%2F%C3%A9"
    assert json.loads(sent["body"]) == {"a": "ü"}
    assert sent["headers"]["Idempotency-Key"] == "k1"
    assert sent["headers"]["Authorization"] == "Bearer token"


def test_an_answer_that_did_not_change_is_the_one_that_is_there() -> None:
    wire = Wire()
    wire.answer = urllib3.HTTPResponse(io.BytesIO(b'{"a":1}'), status=200, headers={"ETag": '"t"'})
    assert wire.fetch("GET", "/v1/x") == b'{"a":1}'
    wire.answer = urllib3.HTTPResponse(io.BytesIO(b""), status=304, headers={"ETag": '"t"'})
    assert wire.fetch("GET", "/v1/x") == b'{"a":1}'
    assert [row["headers"].get("If-None-Match") for row in wire.sent] == [None, '"t"']
    wire.answer = urllib3.HTTPResponse(io.BytesIO(b"2"), status=200, headers={"ETag": '"u"'})
    assert (wire.fetch("GET", "/v1/x"), wire.fetch("GET", "/v1/y")) == (b"2", b"2")
    assert [row["headers"].get("If-None-Match") for row in wire.sent][2:] == ['"t"', None]


def test_few_and_short_answers_are_kept() -> None:
    wire = Wire()
    for number in range(REMEMBERED + 1):
        wire.answer = urllib3.HTTPResponse(io.BytesIO(b"{}"), status=200, headers={"ETag": '"t"'})
        wire.fetch("GET", f"/v1/{number}")
    wire.answer = urllib3.HTTPResponse(io.BytesIO(b"x" * (REMEMBERED_BYTES + 1)), status=200, headers={"ETag": '"t"'})
    wire.fetch("GET", "/v1/long")
    for path in ("/v1/0", "/v1/1", "/v1/long"):
        wire.fetch("GET", path)
    assert [row["headers"].get("If-None-Match") for row in wire.sent][-3:] == [None, '"t"', None]


def test_a_path_with_strange_letters_is_one_path() -> None:
    wire = Wire()
    wire.fetch("GET", "/v1/assets/a b/ü#x")
    assert wire.sent[0]["url"] == "http://api/v1/assets/a%20b/%C3%BC%23x"
    assert wire.sent[0]["body"] is None
    assert "Idempotency-Key" not in wire.sent[0]["headers"]


FINDING = {"code": "a.b", "where": "x", "what": "wrong", "fix": "mend it", "severity": "error"}
PROBLEMS: list[tuple[int, dict[str, Any], type[Failure]]] = [
    (404, {"code": "not-found", "detail": "no run x"}, NotFound),
    (409, {"code": "exists", "detail": "it exists"}, Conflict),
    (429, {"code": "throttled", "detail": "too many"}, Throttled),
    (503, {"code": "unavailable", "detail": "later"}, Unavailable),
    (422, {"code": "rejected", "detail": "findings", "findings": [FINDING]}, Rejected),
]


@pytest.mark.parametrize(("status", "problem", "kind"), PROBLEMS)
def test_a_problem_is_raised_as_what_it_was(status: int, problem: dict[str, Any], kind: type[Failure]) -> None:
    with pytest.raises(Failure) as caught:
        Wire(status, json.dumps(problem)).fetch("GET", "/v1/x")
    assert isinstance(caught.value, kind)
    assert caught.value.code == problem["code"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_the_gateway_means_nobody_is_signed_in(status: int) -> None:
    with pytest.raises(NotSignedIn) as caught:
        Wire(status, '{"message": "Forbidden"}').fetch("GET", "/v1/x")
    assert (caught.value.where, caught.value.next_step) == ("acme", "interlock up")


def test_a_forbidden_call_of_ours_keeps_its_code() -> None:
    with pytest.raises(Failure) as caught:
        Wire(403, '{"code": "forbidden", "detail": "no"}').fetch("GET", "/v1/x")
    assert caught.value.code == "forbidden"


@pytest.mark.parametrize("body", ["<html>502 Bad Gateway</html>", "", b"\xff\xfe", "x" * 5000])
def test_an_answer_that_is_not_json_is_a_failure(body: str | bytes) -> None:
    with pytest.raises(Failure) as caught:
        Wire(502, body).fetch("GET", "/v1/x")
    assert len(caught.value.what) <= 400


class Line(Wire):
    """Answers, or fails to, as a test says, call by call; the last way stays."""

    def __init__(self, *ways: tuple[int, dict[str, str]] | Unavailable) -> None:
        super().__init__()
        self.ways = list(ways)

    def send(self, method: str, url: str, **fields: Any) -> urllib3.BaseHTTPResponse:
        self.sent.append({"method": method} | fields)
        way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
        if isinstance(way, Unavailable):
            raise way
        status, headers = way
        return urllib3.HTTPResponse(io.BytesIO(b"{}"), status=status, headers=headers)


LOST = Unavailable("no answer", code="no-answer")
ABSENT = Unavailable("nobody listens", code="no-platform")
NONE: dict[str, str] = {}
WELL = (200, NONE)


def test_post_has_the_same_key_of_its_own_in_each_try() -> None:
    line = Line(LOST, (503, NONE), (429, NONE), WELL)
    line.fetch("POST", "/v1/x", {})
    keys = [sent["headers"]["Idempotency-Key"] for sent in line.sent]
    assert len(keys) == 4 and len(set(keys)) == 1 and keys[0]
    assert all(0.25 <= seconds <= 0.5 * 2**tried for tried, seconds in enumerate(line.waits))
    line.fetch("POST", "/v1/x", {})
    assert line.sent[-1]["headers"]["Idempotency-Key"] != keys[0]


@pytest.mark.parametrize(
    ("method", "way", "tries"),
    [
        ("GET", LOST, 4),
        ("PUT", (504, NONE), 4),
        ("DELETE", (429, NONE), 4),
        ("DELETE", LOST, 1),
        ("GET", ABSENT, 1),
        ("POST", (500, NONE), 1),
        ("POST", (409, NONE), 1),
        ("GET", (429, {"Retry-After": "60"}), 1),
    ],
)
def test_call_is_made_again_where_that_may_help(method: str, way: Any, tries: int) -> None:
    line = Line(way)
    with pytest.raises(Failure):
        line.fetch(method, "/v1/x", {})
    assert len(line.sent) == tries


def test_call_waits_for_as_long_as_the_platform_asks() -> None:
    line = Line((429, {"Retry-After": "7"}), WELL)
    line.fetch("GET", "/v1/x")
    assert 7.25 <= line.waits[0] <= 7.5


def test_throttled_call_says_when_to_try_again() -> None:
    with pytest.raises(Throttled) as refused:
        Line((429, {"Retry-After": "42"})).fetch("GET", "/v1/x")
    assert refused.value.retry_after == 42


def test_upload_is_sent_again_while_the_store_is_busy() -> None:
    line = Line(LOST, (503, NONE), (204, NONE))
    line.upload("http://store/bucket", {"key": "uploads/a"}, b"zip")
    assert [sent["fields"] for sent in line.sent] == [
        {"key": "uploads/a", "file": ("bundle.zip", b"zip", "application/zip")}
    ] * 3


@pytest.mark.parametrize(("status", "tries"), [(400, 1), (403, 1), (503, 4)])
def test_upload_that_the_store_refuses_says_so(status: int, tries: int) -> None:
    line = Line((status, NONE))
    with pytest.raises(Failure, match=rf"the store refused the upload \({status}\)"):
        line.upload("http://store/bucket?signature=x", {}, b"zip")
    assert len(line.sent) == tries
