"""Effects of a debugged step: what the record does not answer is refused, or read live through the command."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from interlock.contract.catalog import Asset, AssetChange, AssetPage, AssetWrite
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure, GateError, GateFailure, from_problem
from interlock.contract.egress import Target
from interlock.contract.envelope import Effect
from interlock.contract.language_model import ModelAnswer, ModelRequest
from interlock.local.debug.job import STAND_IN
from interlock.sdk.http import READS, HttpRequest, HttpResponse, send


class RecordedBackend:
    """What the journal asks where no record answers. Writes never come here: a dry journal captures them.

    Args:
        effects: of the recorded attempt.
        secrets: values that a person gave; None for one that the tenant did not give.
        live: the address at which the command answers reads; empty refuses them.
        key: shared with the command.
    """

    def __init__(
        self, effects: Sequence[Effect], secrets: Mapping[str, str | None], live: str = "", key: str = ""
    ) -> None:
        """Keep what is given; nothing is connected."""
        self._secrets = dict(secrets)
        self._recorded = {str(row.request["name"]): row for row in effects if row.kind == "secret"}
        self._live = live
        self._key = key

    def asset(self, qualified_name: str) -> Asset | None:
        """See `interlock.sdk.backend.Backend`."""
        value = self._ask("asset", {"qualified_name": qualified_name})
        return None if value is None else Asset.model_validate(value)

    def search(
        self, *, type_name: str | None, tag: str | None, prefix: str | None, cursor: str | None, limit: int
    ) -> AssetPage:
        """See `interlock.sdk.backend.Backend`."""
        fields = {"type": type_name, "tag": tag, "prefix": prefix, "cursor": cursor, "limit": limit}
        return AssetPage.model_validate(self._ask("search", fields))

    def write(self, writes: Sequence[AssetWrite]) -> Sequence[AssetChange]:
        """Never called: writes are captured."""
        raise _refused("catalog.write")

    def emit(self, name: str, detail: Json, key: str) -> str:
        """Never called: events are captured."""
        raise _refused("emit")

    def state_get(self, key: str) -> str | None:
        """State is not read live: the install's state is no part of what a person may read elsewhere."""
        raise _refused(f"state.get {key!r}")

    def state_put(self, key: str, text: str) -> None:
        """Never called: writes are captured."""
        raise _refused("state.put")

    def state_delete(self, key: str) -> None:
        """Never called: writes are captured."""
        raise _refused("state.delete")

    def state_keys(self, prefix: str) -> Sequence[str]:
        """See `state_get`."""
        raise _refused(f"state.keys {prefix!r}")

    def secret(self, name: str) -> str | None:
        """What the person gave; None where the record says that the tenant gave none; else a stand-in."""
        if name in self._secrets:
            return self._secrets[name]
        row = self._recorded.get(name)
        return None if row is not None and row.result is None else f"{STAND_IN}{name}"

    def send(self, request: HttpRequest, target: Target) -> HttpResponse:
        """See `interlock.sdk.backend.Backend`; live only, and reads only."""
        if not self._live or request.method not in READS:
            raise _refused(f"http.{request.method} {request.url}")
        return send(request, target)

    def converse(self, request: ModelRequest) -> ModelAnswer:
        """Never called: `ctx.model` refuses in a dry run what the record does not answer."""
        raise _refused("model.converse")

    def _ask(self, op: str, fields: Mapping[str, Any]) -> Json:
        if not self._live:
            raise _refused(f"catalog.{op} {dict(fields)}")
        from multiprocessing.connection import Client

        with Client(self._live, authkey=self._key.encode()) as line:
            line.send_bytes(json.dumps({"op": op, "words": dict(fields)}).encode())
            answer = json.loads(line.recv_bytes())
        if "problem" in answer:
            raise from_problem(answer["problem"])
        return answer["value"]


def _refused(what: str) -> Failure:
    return GateFailure(
        GateError.REPLAY,
        f"the record has no answer for {what}",
        where="ctx",
        next_step="The code makes another call than it made in the run. Permit real reads: --live",
    )
