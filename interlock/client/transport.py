"""Calls of the control API over HTTP: one pool of connections, JSON in and out, failures as they were."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from pydantic import BaseModel

from interlock.client.calls import Query
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotSignedIn, Unavailable, from_problem

SECONDS = 35
"""API Gateway answers within 30 s, or not at all."""
THREADS = 4


class Transport(ABC):
    """The control API, as one principal: whoever derives from it says where it is, and who calls."""

    def __init__(self, url: str, name: str) -> None:
        """Keep the address of the API and the caller's name, for words; nothing is called."""
        self._url, self._name = url, name
        self._pool = urllib3.PoolManager(maxsize=THREADS, timeout=SECONDS, retries=False)

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """What each request says of who calls."""

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
        headers = self.headers() | {"Content-Type": "application/json"}
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

    def call(
        self, method: str, path: str, body: Mapping[str, Json] | None = None, *, query: Query | None = None
    ) -> Any:
        """Make a call that the typed client does not have, and read its JSON."""
        return json.loads(self.fetch(method, path, body, query=query))

    def send(self, method: str, url: str, **words: Any) -> urllib3.BaseHTTPResponse:
        """Send any request; Unavailable where nothing answers."""
        try:
            return self._pool.request(method, url, **words)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(
                f"no answer from the platform: {type(error).__name__}",
                where=url.split("?")[0],
                code="no-answer",
                next_step="Look at it: interlock status",
            ) from error


def _json(body: BaseModel | Mapping[str, Json] | None) -> bytes | None:
    if isinstance(body, BaseModel):
        return body.model_dump_json(by_alias=True).encode()
    return None if body is None else json.dumps(body).encode()


def _text(value: str | int | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
