"""What holds for every call of the control API: its rate, its idempotency key, its entity tag, its compression."""

import base64
import contextlib
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from functions.answers import JSON, problem
from functions.api.contexts import settings
from functions.api.settled import tags
from interlock.contract.core import limits
from interlock.contract.core.failure import BadRequest, Changed, Failure
from interlock.control.access.idempotency import IdempotencyKey
from interlock.control.access.rate import count_caller

Answer = dict[str, Any]
Resolve = Callable[[dict[str, Any]], Answer]
GZIP_BYTES = 64_000
"""From so many characters on an answer is worth compressing."""
GZIP_LEVEL = 1
"""The quickest: answers are JSON, which shrinks to a third or less at any level."""
TAG_CHARS = 32
HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half of a character in JSON."""
WRITES = ("PUT", "POST", "DELETE")


def serve(event: dict[str, Any], resolve: Resolve) -> Answer:
    """Answer a call: limited, once, and tagged."""
    principal = str(event["requestContext"]["authorizer"]["lambda"]["principal"])
    rate = count_caller(settings().runs_table, principal)
    headers = {
        "RateLimit-Limit": str(limits.API_CALLS_PER_MINUTE),
        "RateLimit-Remaining": str(rate.remaining),
        "RateLimit-Reset": str(rate.seconds_left),
    }
    try:
        rate.require_room()
        event = _with_json(event)
        answer = _tagged(event, _once(event, principal, resolve), resolve)
    except Failure as failure:
        answer = _as_event(failure)
    return _compressed(event, answer | {"headers": (answer.get("headers") or {}) | headers})


def _compressed(event: dict[str, Any], answer: Answer) -> Answer:
    """A long answer as gzip, for a caller that takes it: API Gateway's HTTP APIs compress nothing themselves."""
    body = str(answer.get("body") or "")
    if len(body) < GZIP_BYTES or "gzip" not in _header(event, "accept-encoding"):
        return answer
    data = base64.b64encode(gzip.compress(body.encode(), GZIP_LEVEL, mtime=0)).decode()
    headers = answer["headers"] | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return answer | {"headers": headers, "body": data, "isBase64Encoded": True}


def _with_json(event: dict[str, Any]) -> dict[str, Any]:
    """The event with a body of JSON: an empty object for none, whatever content type the caller names.

    Raises:
        BadRequest: the body or a header is not text that can be stored.
    """
    headers: dict[str, str] = event.get("headers") or {}
    for name, value in headers.items():
        _require_text(value, f"header {name}")
    if _method(event) not in WRITES:
        return event
    others = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    body = _body_text(event) or "{}"
    return event | {"headers": others | {"content-type": JSON}, "body": body, "isBase64Encoded": False}


def _body_text(event: dict[str, Any]) -> str:
    body = str(event.get("body") or "")
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True).decode()
        except ValueError as error:
            raise BadRequest("the body is not UTF-8", where="body", next_step="Send JSON in UTF-8.") from error
    _require_text(body, "body")
    if HALF_CHARACTER.search(body):
        # Most pairs of such escapes are whole characters: only parsing tells.
        with contextlib.suppress(ValueError, RecursionError):
            _require_text(json.dumps(json.loads(body), ensure_ascii=False), "body")
    return body


def _require_text(text: str, where: str) -> None:
    """Refuse half of a character, which JSON can escape, and which nothing can store.

    Raises:
        BadRequest: there is one.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        what = "the text contains half of a character (a lone surrogate)"
        raise BadRequest(what, where=where, next_step="Send whole characters in UTF-8.") from error


def _once(event: dict[str, Any], principal: str, resolve: Resolve) -> Resolve:
    """A POST with a key is done once."""
    key = _header(event, "idempotency-key")
    if not key or _method(event) != "POST":
        return resolve

    def done(call: dict[str, Any]) -> Answer:
        call_text = "\n".join((_method(call), str(call["rawPath"]), str(call.get("body") or "")))
        once = IdempotencyKey(settings().runs_table, principal, key, call_text)
        first = once.begin()
        if first is not None:
            headers = {"Content-Type": JSON, "Idempotency-Replayed": "true"}
            return {"statusCode": first.status, "headers": headers, "body": first.body, "isBase64Encoded": False}
        answer = resolve(call)
        once.end(int(answer["statusCode"]), str(answer.get("body") or ""))
        return answer

    return done


def _tagged(event: dict[str, Any], act: Resolve, resolve: Resolve) -> Answer:
    """A GET's answer with its tag, or 304; a write with `If-Match` only where what was read still stands."""
    wanted = _header(event, "if-match")
    if wanted and _method(event) in WRITES:
        context = event["requestContext"]
        read = {**context, "http": {**context["http"], "method": "GET"}}
        now = _tag(resolve({**event, "requestContext": read, "routeKey": "GET /v1/{proxy+}", "body": None}))
        if now not in (word.strip() for word in wanted.split(",")) and wanted != "*":
            raise Changed("it has changed since you read it", where=str(event["rawPath"]), next_step="Read it again.")
    answer = act(event)
    tag = _tag(answer) if _method(event) == "GET" else ""
    if not tag:
        return answer
    own: dict[str, str] = answer.get("headers") or {}
    headers = {"ETag": tag, "Interlock-Poll": own.get("Interlock-Poll", str(limits.POLL_SECONDS))}
    if answer["statusCode"] == 304 or tag in tags(_header(event, "if-none-match")):
        return {"statusCode": 304, "headers": headers, "body": "", "isBase64Encoded": False}
    return answer | {"headers": own | headers}


def _tag(answer: Answer) -> str:
    """The tag of an answer: the route's own, or that of the body."""
    headers: dict[str, str] = answer.get("headers") or {}
    own = headers.get("ETag", "")
    if own or answer["statusCode"] != 200 or not answer.get("body"):
        return own
    return f'"{hashlib.sha256(str(answer["body"]).encode()).hexdigest()[:TAG_CHARS]}"'


def _as_event(failure: Failure) -> Answer:
    response = problem(failure)
    headers = {
        "Content-Type": response.content_type or JSON,
        **{k: str(v) for k, v in (response.headers or {}).items()},
    }
    body = response.body if isinstance(response.body, str) else json.dumps(failure.problem())
    return {"statusCode": response.status_code, "headers": headers, "body": body, "isBase64Encoded": False}


def _header(event: dict[str, Any], name: str) -> str:
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _method(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["http"]["method"])
