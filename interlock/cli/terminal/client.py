"""Calls the control API as a profile: a token by the client's credentials, JSON in and out, failures as they were."""

import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from interlock.cli.terminal.profiles import Profile
from interlock.cli.terminal.tokens import token_of
from interlock.client.transport import Transport
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure

if TYPE_CHECKING:
    from interlock.client import Interlock

TOKEN_SLACK_SECONDS = 60
MAX_PAGE = 100
"""Rows that are asked for at once."""


class Client(Transport):
    """The control API, as one profile; typed under `api`."""

    def __init__(self, profile: Profile) -> None:
        """Keep the profile; nothing is called."""
        super().__init__(profile.api_url, profile.name)
        self.profile = profile
        self._token = ""
        self._until = 0.0

    @cached_property
    def api(self) -> "Interlock":
        """Every call of the API, typed."""
        # Its models are many: whoever needs none of them does not wait for them.
        from interlock.client import Interlock

        return Interlock(self)

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
        return self.call("GET", path, query=query)

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
        return self.call("POST", path, body or {})

    def put(self, path: str, body: Mapping[str, Json]) -> Any:
        """PUT a JSON object."""
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.call("DELETE", path)

    def upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        """Send a form with a file to where a presigned POST says.

        Raises:
            Failure: the store refused it.
        """
        form: dict[str, Any] = dict(fields) | {"file": ("bundle.zip", data, "application/zip")}
        answer = self.send("POST", url, fields=form)
        if answer.status >= 300:
            text = answer.data.decode(errors="replace")[:300]
            raise Failure(f"the upload was refused ({answer.status}): {text}", where=url, next_step="Publish again.")

    def _bearer(self) -> str:
        if time.time() < self._until:
            return self._token
        self._token, seconds = token_of(self.profile, self.send)
        self._until = time.time() + seconds - TOKEN_SLACK_SECONDS
        return self._token
