"""Calls the control API as a profile: a token by the client's credentials, JSON in and out, failures as they were."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from interlock.cli.profiles import Profile
from interlock.cli.tokens import token_of
from interlock.contract.base import Json
from interlock.contract.failure import Failure, NotSignedIn, Unavailable, from_problem

SECONDS = 35
"""API Gateway answers within 30 s, or not at all."""
TOKEN_SLACK_SECONDS = 60
THREADS = 4
MAX_PAGE = 100
"""Rows that are asked for at once."""


class Client:
    """The control API, as one principal."""

    def __init__(self, profile: Profile) -> None:
        """Keep the profile; nothing is called."""
        self.profile = profile
        self._pool = urllib3.PoolManager(maxsize=THREADS, timeout=SECONDS, retries=False)
        self._token = ""
        self._until = 0.0

    def signed_in(self) -> "Client":
        """Itself, with a token: several threads may use it then."""
        self._bearer()
        return self

    def headers(self) -> dict[str, str]:
        """What each request says of who calls, and which API is meant; the token is renewed in time."""
        host = {"Host": self.profile.api_host} if self.profile.api_host else {}
        return {"Authorization": f"Bearer {self._bearer()}"} | host

    def get(self, path: str, **query: str | int | None) -> Any:
        """GET, with the query's values that are not None or empty."""
        words = {key: str(value) for key, value in query.items() if value not in (None, "")}
        return self._call("GET", path + (f"?{urlencode(words)}" if words else ""))

    def pages(self, path: str, name: str, *, limit: int | None = None, **query: str) -> Iterator[dict[str, Any]]:
        """The rows of a list, page by page.

        Args:
            path: the list's route.
            name: under which name a page has its rows.
            limit: at most so many; None for all. A page of a search may be short and not the last.
            query: further words of the query.
        """
        left, cursor = limit, None
        while left is None or left > 0:
            size = MAX_PAGE if left is None else min(left, MAX_PAGE)
            page = self.get(path, **query, limit=size, cursor=cursor)
            rows: list[dict[str, Any]] = page[name]
            yield from rows if left is None else rows[:left]
            left = None if left is None else left - len(rows)
            cursor = page["cursor"]
            if not cursor:
                return

    def post(self, path: str, body: Mapping[str, Json] | None = None) -> Any:
        """POST a JSON object."""
        return self._call("POST", path, json.dumps(body or {}).encode())

    def put(self, path: str, body: Mapping[str, Json]) -> Any:
        """PUT a JSON object."""
        return self._call("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self._call("DELETE", path)

    def upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        """Send a form with a file to where a presigned POST says.

        Raises:
            Failure: the store refused it.
        """
        form: dict[str, Any] = dict(fields) | {"file": ("bundle.zip", data, "application/zip")}
        answer = self._send("POST", url, fields=form)
        if answer.status >= 300:
            text = answer.data.decode(errors="replace")[:300]
            raise Failure(f"the upload was refused ({answer.status}): {text}", where=url, next_step="Publish again.")

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = self.headers() | {"Content-Type": "application/json"}
        answer = self._send(method, self.profile.api_url + quote(path, safe="/?=&:%+-_.~"), body=body, headers=headers)
        if answer.status < 300:
            return json.loads(answer.data)
        try:
            problem = json.loads(answer.data)
        except ValueError:
            problem = {"detail": answer.data.decode(errors="replace")[:300]}
        if "code" not in problem and answer.status in (401, 403):
            raise NotSignedIn(
                "the platform does not know this profile", where=self.profile.name, next_step="interlock up"
            )
        raise from_problem({"status": answer.status} | problem)

    def _bearer(self) -> str:
        if time.time() < self._until:
            return self._token
        self._token, seconds = token_of(self.profile, self._send)
        self._until = time.time() + seconds - TOKEN_SLACK_SECONDS
        return self._token

    def _send(self, method: str, url: str, **words: Any) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, **words)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(
                f"no answer from the platform: {type(error).__name__}",
                where=url.split("?")[0],
                code="no-answer",
                next_step="Look at it: interlock status",
            ) from error
