"""The client of a profile with calls by path and JSON objects: a test sees all that the API says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from interlock.cli.terminal.client import Client
from interlock.contract.core.base import Json


class JsonClient(Client):
    """The typed client, and calls by path beside it."""

    def get(self, path: str, **query: str | int | None) -> Any:
        """GET, with the query's values that are not None or empty."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Json] | None = None) -> Any:
        """POST a JSON object."""
        return self._call("POST", path, body or {})

    def put(self, path: str, body: Mapping[str, Json]) -> Any:
        """PUT a JSON object."""
        return self._call("PUT", path, body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self._call("DELETE", path)

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Json] | None = None,
        query: Mapping[str, str | int | None] | None = None,
    ) -> Any:
        answer = self.transport.fetch(method, path, body, query=query)
        return json.loads(answer) if answer else None
