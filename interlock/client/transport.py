"""Calls of the control API over HTTP: one pool of connections, JSON in and out, failures as they were."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotSignedIn, Unavailable, from_problem

if TYPE_CHECKING:
    import urllib3
    from pydantic import BaseModel

    from interlock.client.calls import Query

SECONDS = 35
"""API Gateway answers within 30 s, or not at all."""
THREADS = 4


class Transport(ABC):
    """The control API, as one principal: a class that derives from it knows where it is, and who calls."""

    def __init__(self, url: str, name: str) -> None:
        """Take the address of the API and the caller's name, for messages; nothing is called."""
        self._url, self._name = url, name

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
        headers = self.headers() | {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        headers |= {"Idempotency-Key": key} if key else {}
        answer = self.send(method, url, body=_json(body), headers=headers)
        if answer.status < 300:
            return answer.data
        try:
            problem = json.loads(answer.data)
        except ValueError:
            problem = {"detail": answer.data.decode(errors="replace")[:300]}
        if "code" not in problem and answer.status in (401, 403):
            raise NotSignedIn("the platform does not know this profile", where=self._name, next_step="interlock up")
        raise from_problem({"status": answer.status} | problem)

    def send(self, method: str, url: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Send any request.

        Raises:
            Unavailable: no answer.
        """
        from urllib3.exceptions import HTTPError

        try:
            return self._pool.request(method, url, **options)
        except HTTPError as error:
            raise Unavailable(
                f"the platform did not answer ({type(error).__name__})",
                where=url.split("?")[0],
                code="no-answer",
                next_step="Look at it: interlock status",
            ) from error

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        # A command that calls nothing, such as one that prints its help, does not wait for this import.
        import urllib3

        return urllib3.PoolManager(maxsize=THREADS, timeout=SECONDS, retries=False)


def _json(body: BaseModel | Mapping[str, Json] | None) -> bytes | None:
    if body is None:
        return None
    if isinstance(body, Mapping):
        return json.dumps(body).encode()
    # A platform that is older than this client refuses a field that it does not know, also one with its default.
    return body.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _text(value: str | int | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
