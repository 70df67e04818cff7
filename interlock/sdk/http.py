"""`ctx.http`: calls to declared egress, each hop of a redirect checked, each call recorded."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urljoin

from interlock.contract.address import is_forbidden
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, TooLarge, Unavailable
from interlock.contract.core.limits import MIB
from interlock.contract.egress import Target, check_declared, parse_target
from interlock.sdk.egress import resolve
from interlock.sdk.exchange import Call, Deadline, exchange, why_unanswered
from interlock.sdk.journal import Journal

MAX_REDIRECTS = 5
MAX_RESPONSE_BYTES = 16 * MIB
READS = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True)
class HttpRequest:
    """One call; `timeout` in seconds is for connecting and for each wait for data."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    timeout: float = 30.0


@dataclass(frozen=True)
class HttpResponse:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are not are replaced."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Json:
        """The body as JSON.

        Raises:
            ValueError: it is not JSON.
        """
        return json.loads(self.body)


Transport = Callable[[HttpRequest, Target], HttpResponse]
"""Does one call to a checked target, and follows no redirect."""


def send(request: HttpRequest, target: Target, refuses: Callable[[str], bool] = is_forbidden) -> HttpResponse:
    """The real transport: one connection to the very address that was checked, TLS verified against the name.

    Args:
        request: the call.
        target: what its URL asks to connect to.
        refuses: which addresses are not called.

    Raises:
        GateFailure: `Interlock.Denied`, the name leads to a refused address.
        Unavailable: no connection, or it broke.
        TooLarge: more than `MAX_RESPONSE_BYTES`.
    """
    import http.client

    deadline = Deadline(request.timeout)
    address = resolve(target.host, target.port, refuses, deadline)
    call = Call(request.method, request.headers, request.body or None, MAX_RESPONSE_BYTES + 1)
    try:
        status, values, body = exchange(call, target, address, deadline)
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(
            f"{target.host}:{target.port} did not answer: {why_unanswered(error)}",
            where="ctx.http",
            next_step="Retry the step later.",
        ) from error
    if len(body) > MAX_RESPONSE_BYTES:
        raise TooLarge(
            f"{target.host} answered more than {MAX_RESPONSE_BYTES} bytes",
            where="ctx.http",
            next_step="Request a smaller answer.",
        )
    return HttpResponse(status, values, body)


def _no_json(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _shown_body(body: bytes) -> Json:
    """A body in the record: JSON as such, so that fields are redacted by name; text; or base64."""
    try:
        return {"json": json.loads(body, parse_constant=_no_json)} if body[:1] in b"{[" else {"text": body.decode()}
    except ValueError:
        return {"base64": base64.b64encode(body).decode()}


def _hidden_body(shown: Mapping[str, Any]) -> bytes:
    if "json" in shown:
        return json.dumps(shown["json"]).encode()
    return base64.b64decode(shown["base64"]) if "base64" in shown else str(shown.get("text", "")).encode()


class Http:
    """Calls to other systems, to what the app declared as egress only."""

    def __init__(self, journal: Journal, egress: Iterable[str], transport: Transport = send) -> None:
        """Keep what is declared; nothing is connected before a call."""
        self._journal = journal
        self._egress = tuple(egress)
        self._transport = transport

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: Json = None,
        body: bytes | str = b"",
        timeout: float = 30.0,
    ) -> HttpResponse:
        """Call a URL; a status of 4xx or 5xx is an answer, not an error.

        Args:
            method: an HTTP method.
            url: http or https.
            headers: sent as given.
            json_body: sent as JSON, instead of `body`.
            body: bytes, or text sent as UTF-8.
            timeout: seconds for all of the call: name, connection, answer.

        Raises:
            GateFailure: `Interlock.Denied`: not declared, or a link-local address, here or behind a redirect.
            Unavailable: no answer.
            TooLarge: the answer is larger than 16 MB.
            BadRequest: not a URL of http or https, or more than 5 redirects.
        """
        method = method.upper()
        sent = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body, allow_nan=False)
            sent.setdefault("Content-Type", "application/json")
        request = HttpRequest(method, url, sent, body.encode() if isinstance(body, str) else body, timeout)
        shown = {"url": url, "headers": sent, "body": _shown_body(request.body)}
        target = parse_target(url)
        check_declared(self._egress, target.host, target.port)

        done: list[HttpResponse] = []

        def do() -> Json:
            answer = self._follow(request, target)
            done.append(answer)
            return {"status": answer.status, "headers": dict(answer.headers), "body": _shown_body(answer.body)}

        if method in READS:
            result = self._journal.read("http", method, shown, do)
        else:
            captured = {"status": 202, "headers": {}, "body": {"text": ""}}
            result = self._journal.write("http", method, shown, do, captured)
        if done:
            return done[0]
        row = cast(dict[str, Any], result)
        return HttpResponse(int(row["status"]), dict(row["headers"]), _hidden_body(row["body"]))

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, timeout: float = 30.0) -> HttpResponse:
        """`request("GET", ...)`."""
        return self.request("GET", url, headers=headers, timeout=timeout)

    def post(
        self, url: str, json_body: Json = None, *, headers: Mapping[str, str] | None = None, timeout: float = 30.0
    ) -> HttpResponse:
        """`request("POST", ...)` with a JSON body."""
        return self.request("POST", url, headers=headers, json_body=json_body, timeout=timeout)

    def _follow(self, request: HttpRequest, target: Target) -> HttpResponse:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._transport(request, target)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            url = urljoin(request.url, location)
            following = parse_target(url)
            check_declared(self._egress, following.host, following.port)
            request = _redirected(request, url, answer.status, same=following.origin == target.origin)
            target = following
        raise BadRequest(
            f"the call was redirected more than {MAX_REDIRECTS} times",
            where="ctx.http",
            next_step="Call the final URL.",
        )


def _redirected(request: HttpRequest, url: str, status: int, *, same: bool) -> HttpRequest:
    """The next call: without a body after 303 (and after a POST's 301 or 302), without credentials elsewhere."""
    drop = status == 303 or (status in (301, 302) and request.method == "POST")
    gone: frozenset[str] = frozenset() if same else _CREDENTIALS
    gone |= frozenset({"content-type", "content-length"}) if drop else frozenset()
    headers = {name: value for name, value in request.headers.items() if name.lower() not in gone}
    method = "GET" if drop and request.method != "HEAD" else request.method
    return HttpRequest(method, url, headers, b"" if drop else request.body, request.timeout)
