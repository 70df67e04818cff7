"""Calls of the control API over HTTP: one pool of connections, JSON in and out, failures as they were.

A call without an answer, or whose answer asks for patience, is made again. Each POST has an idempotency key, so that it
is done once however often it is sent.
"""

from __future__ import annotations

import json
import random
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure, NotSignedIn, Throttled, Unavailable, from_problem
from interlock.contract.core.names import ulid

if TYPE_CHECKING:
    import urllib3
    from pydantic import BaseModel

    from interlock.client.calls import Query

Answer = TypeVar("Answer")
SECONDS = 35
"""API Gateway answers within 30 s, or not at all."""
THREADS = 4
TRIES = 4
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 10.0
"""What a call waits before it is made again; where the platform asks for more patience, the caller decides."""
REMEMBERED, REMEMBERED_BYTES = 16, 256_000
"""So many answers are kept to be asked for again, each at most so large."""
GATEWAY = frozenset({502, 504})
"""What stands before the platform answers for it."""
UNDER_WAY = "call-under-way"
"""The code by which the API says that it works on a call with the same key."""


class Transport(ABC):
    """The control API, as one principal: a class that derives from it knows where it is, and who calls."""

    def __init__(self, url: str, name: str) -> None:
        """Take the address of the API and the caller's name, for messages; nothing is called."""
        self._url, self._name = url, name
        self._read = OrderedDict[str, tuple[str, bytes]]()

    def wait(self, seconds: float) -> None:
        """Wait before a call is made again."""
        threading.Event().wait(seconds)

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """The headers that say who calls."""

    def fetch(
        self,
        method: str,
        path: str,
        body: BaseModel | Mapping[str, Json] | None = None,
        *,
        query: Query | None = None,
        key: str = "",
    ) -> bytes:
        """Make one call (`interlock.client.calls.Calls`).

        Raises:
            Failure: the API's problem, as the error that it was.
            NotSignedIn: the platform does not know this profile.
            Unavailable: no answer.
        """
        params = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "")}
        url = self._url + quote(path, safe="/?=&:%+-_.~") + (f"?{urlencode(params)}" if params else "")
        key = key or (ulid() if method == "POST" else "")
        return self.repeat(lambda: self._fetch(method, url, body, key), may_repeat=method != "DELETE")

    def repeat(self, call: Callable[[], Answer], *, may_repeat: bool = True) -> Answer:
        """Make a call until it is answered, TRIES times at most, with a wait before each further time.

        Args:
            call: makes it once.
            may_repeat: whether it may be made again where nobody knows whether it was done.

        Raises:
            Failure: what it ended with, where another time would not help.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return call()
            except Failure as failure:
                seconds = _patience(failure, tried, may_repeat=may_repeat)
                if seconds is None:
                    raise
            self.wait(seconds)

    def upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        """Send a form with a bundle to where a presigned POST says; the same bytes may arrive twice.

        Raises:
            Failure: the store refused it.
            Unavailable: the store did not take it, however often it was sent.
        """
        self.repeat(lambda: self._upload(url, fields, data))

    def _upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        form = dict[str, Any](fields) | {"file": ("bundle.zip", data, "application/zip")}
        answer = self.send("POST", url, fields=form)
        if answer.status >= 300:
            what = f"the store refused the upload ({answer.status}): {answer.data.decode(errors='replace')[:300]}"
            # S3 answers 500 and 503 while it is busy: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
            kind = Unavailable if answer.status >= 500 else Failure
            raise kind(what, where=url.split("?")[0], next_step="Publish again: interlock app publish.")

    def _fetch(self, method: str, url: str, body: BaseModel | Mapping[str, Json] | None, key: str) -> bytes:
        headers = self.headers() | {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        headers |= {"Idempotency-Key": key} if key else {}
        known = self._read.get(url) if method == "GET" else None
        headers |= {"If-None-Match": known[0]} if known else {}
        answer = self.send(method, url, body=_json(body), headers=headers)
        if answer.status == 304 and known:
            return known[1]
        if answer.status < 300:
            self._remember(method, url, answer.headers.get("ETag", ""), answer.data)
            return answer.data
        try:
            problem = json.loads(answer.data)
        except ValueError:
            problem = {"detail": answer.data.decode(errors="replace")[:300]}
        if "code" not in problem and answer.status in (401, 403):
            raise NotSignedIn("the platform does not know this profile", where=self._name, next_step="interlock up")
        status = 503 if answer.status in GATEWAY else answer.status
        failure = from_problem(problem | {"status": status})
        after = answer.headers.get("Retry-After", "")
        if isinstance(failure, Throttled):
            failure.retry_after = int(after) if after.isdecimal() else 0
        raise failure

    def _remember(self, method: str, url: str, tag: str, data: bytes) -> None:
        """Keep a short answer with its tag: whoever watches a run asks for the same again and again."""
        if method == "GET" and tag and len(data) <= REMEMBERED_BYTES:
            self._read[url] = (tag, data)
            while len(self._read) > REMEMBERED:
                self._read.popitem(last=False)

    def send(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Send any request.

        Raises:
            Unavailable: no answer.
        """
        from urllib3.exceptions import HTTPError, NewConnectionError

        try:
            return self._pool.request(method, url, **options)
        except HTTPError as error:
            raise Unavailable(
                f"the platform did not answer: {_why_unanswered(error)}",
                where=url.split("?")[0],
                # Nobody listens there: to call again helps nobody.
                code="no-platform" if isinstance(error, NewConnectionError) else "no-answer",
                next_step="Look at it: interlock status",
            ) from error

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        # A command that calls nothing, such as one that prints its help, does not wait for this import.
        import urllib3

        return urllib3.PoolManager(maxsize=THREADS, timeout=SECONDS, retries=False)


def _why_unanswered(error: Exception) -> str:
    from urllib3 import exceptions

    match error:
        case exceptions.NameResolutionError():
            return "its name has no address"
        case exceptions.NewConnectionError():
            return "nobody listens there"
        case exceptions.TimeoutError():
            return "it took too long"
        case exceptions.SSLError():
            return "its certificate or its TLS is not valid"
        case exceptions.ProtocolError():
            return "the connection broke"
        case _:
            return type(error).__name__


def _patience(failure: Failure, tried: int, *, may_repeat: bool) -> float | None:
    """How long to wait before a call is made again; None where it is not.

    Args:
        failure: what it ended with.
        tried: how often it was made.
        may_repeat: whether it may be sent again where nobody knows whether it was done.
    """
    if tried >= TRIES or failure.code == "no-platform":
        return None
    least = failure.retry_after if isinstance(failure, Throttled) else 0
    known = isinstance(failure, Throttled) or failure.code == UNDER_WAY
    unknown = isinstance(failure, Unavailable)
    if least > LONGEST_WAIT_SECONDS or not (known or (unknown and may_repeat)):
        return None
    return least + random.uniform(0.5, 1.0) * min(FIRST_WAIT_SECONDS * 2 ** (tried - 1), LONGEST_WAIT_SECONDS)


def _json(body: BaseModel | Mapping[str, Json] | None) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, Mapping):
        return json.dumps(body).encode()
    # A platform that is older than this client refuses a field that it does not know, also one with its default.
    return body.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _text(value: str | int | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
