"""A backend in memory, with the meaning of the real one: outcomes, versions, scopes, and refusals."""

import heapq
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import TypeAdapter

from interlock.contract.catalog import MAX_BATCH, Asset, AssetChange, AssetPage, AssetWrite
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, Conflict, GateError, GateFailure, TooLarge, Unavailable
from interlock.contract.core.names import run_id
from interlock.contract.egress import Target
from interlock.contract.language_model import ModelAnswer, ModelError, ModelFailure, ModelRequest, step_failure
from interlock.sdk.http import HttpRequest, HttpResponse

EPOCH = "2026-01-01T00:00:00.000Z"
FIELDS = ("name", "attributes", "tags", "owners", "upstream")
_ASSET = TypeAdapter(Asset)
OneAnswer = HttpResponse | Mapping[str, Any] | Sequence[Any] | str | int
"""A response, JSON, text, or a bare status."""


@dataclass
class InTurn:
    """What a URL answers call by call; the last answer is that of all further calls."""

    answers: list[OneAnswer]


Answer = OneAnswer | InTurn
"""What a URL answers: one answer to every call, or answers in turn."""

ModelReply = ModelAnswer | Mapping[str, Any] | str | Exception
"""What the language model answers: an answer, JSON, text, or how it fails."""


def in_turn(first: OneAnswer, *others: OneAnswer) -> InTurn:
    """Let a URL answer one thing after another, and the last one to all further calls.

    For example `http={url: in_turn(503, {"id": 7})}`. Attempts that share a `backend` go on where the one
    before stopped.
    """
    return InTurn([first, *others])


def asset(qualified_name: str, type: str, **fields: Any) -> Asset:
    """An asset for a test; the name is the last part of the qualified name, the times are fixed.

    Raises:
        pydantic.ValidationError: a field is not what an asset takes.
    """
    known = {"name": qualified_name.rpartition("/")[2], "created_at": EPOCH, "updated_at": EPOCH}
    return _ASSET.validate_python({**known, "qualified_name": qualified_name, "type": type, **fields})


@dataclass(frozen=True)
class Emitted:
    """An event that a step emitted; `key` is the same for each try of the step."""

    name: str
    detail: Json
    key: str


class MemoryBackend:
    """The tenant and the world around a step, in memory.

    Args:
        catalog: the assets there are.
        state: JSON texts by key.
        secrets: values by name.
        http: what a URL answers, by exact URL; `in_turn(503, {"id": 7})` for one answer after another.
        scopes: what the install may do with the catalog: `read`, `write`, `write:tags`; None for all.
        emits: the events it may emit; None for any.
        model: what the language model answers, in order: a text, JSON for a call with a schema, or an exception.
    """

    def __init__(
        self,
        *,
        catalog: Iterable[Asset] = (),
        state: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        http: Mapping[str, Answer] | None = None,
        scopes: Iterable[str] | None = None,
        emits: Iterable[str] | None = None,
        model: Iterable[ModelReply] = (),
    ) -> None:
        """Begin with what is given."""
        self.assets = {row.qualified_name: row for row in catalog}
        self.states = dict(state or {})
        self.secrets = dict(secrets or {})
        self.answers = {
            url: InTurn(list(answer.answers)) if isinstance(answer, InTurn) else answer
            for url, answer in (http or {}).items()
        }
        self._turn = threading.Lock()
        self.calls: list[HttpRequest] = []
        self.emitted: list[Emitted] = []
        self.replies = list(model)
        self.prompts: list[ModelRequest] = []
        self.changes: list[AssetChange] = []
        self._scopes = None if scopes is None else frozenset(scopes)
        self._emits = None if emits is None else frozenset(emits)

    def asset(self, qualified_name: str) -> Asset | None:
        """See `interlock.sdk.backend.Backend`."""
        self._need("read")
        return self.assets.get(qualified_name)

    def search(
        self, *, type_name: str | None, tag: str | None, prefix: str | None, cursor: str | None, limit: int
    ) -> AssetPage:
        """See `interlock.sdk.backend.Backend`; in the order of qualified names."""
        self._need("read")
        assets = [
            row
            for name, row in self.assets.items()
            if (cursor is None or name > cursor)
            and (type_name is None or row.type == type_name)
            and (tag is None or tag in row.tags)
            and (prefix is None or name.startswith(prefix))
        ]
        page = tuple(heapq.nsmallest(limit, assets, key=lambda row: row.qualified_name))
        return AssetPage(assets=page, cursor=page[-1].qualified_name if len(assets) > limit else None)

    def write(self, writes: Sequence[AssetWrite]) -> Sequence[AssetChange]:
        """See `interlock.sdk.backend.Backend`.

        Raises:
            TooLarge: more than `MAX_BATCH` writes.
            BadRequest: a new asset without a type, or another type for an old one.
            Conflict: `if_version` does not hold.
            GateFailure: `Interlock.Denied`, a scope is missing.
        """
        if len(writes) > MAX_BATCH:
            raise TooLarge(
                f"the call has {len(writes)} writes, and may have {MAX_BATCH}", next_step="Write smaller batches."
            )
        for write in writes:
            self._need("write:tags" if write.tags_only else "write")
        changes = [self._apply(write) for write in writes]
        self.changes += changes
        return changes

    def emit(self, name: str, detail: Json, key: str) -> str:
        """See `interlock.sdk.backend.Backend`."""
        if self._emits is not None and name not in self._emits:
            raise GateFailure(
                GateError.DENIED, f"event {name!r} is not declared in [permissions] emit", next_step="Add it there."
            )
        if all(row.key != key for row in self.emitted):
            self.emitted.append(Emitted(name, detail, key))
        return key

    def state_get(self, key: str) -> str | None:
        """See `interlock.sdk.backend.Backend`."""
        return self.states.get(key)

    def state_put(self, key: str, text: str) -> None:
        """See `interlock.sdk.backend.Backend`."""
        self.states[key] = text

    def state_delete(self, key: str) -> None:
        """See `interlock.sdk.backend.Backend`."""
        self.states.pop(key, None)

    def state_keys(self, prefix: str) -> Sequence[str]:
        """See `interlock.sdk.backend.Backend`."""
        return sorted(key for key in self.states if key.startswith(prefix))

    def secret(self, name: str) -> str | None:
        """See `interlock.sdk.backend.Backend`."""
        return self.secrets.get(name)

    def send(self, request: HttpRequest, target: Target) -> HttpResponse:
        """Answer what the test gave for the URL.

        Raises:
            Unavailable: the test gave nothing for it.
        """
        self.calls.append(request)
        if request.url not in self.answers:
            raise Unavailable(
                f"the test has no answer for {request.url}", where="run_step(http=...)", next_step="Add the answer."
            )
        answer = self._answer(request.url)
        if isinstance(answer, HttpResponse):
            return answer
        if isinstance(answer, int):
            return HttpResponse(answer)
        if isinstance(answer, str):
            return HttpResponse(200, {"content-type": "text/plain"}, answer.encode())
        text = TypeAdapter(Any).dump_json(answer)
        return HttpResponse(200, {"content-type": "application/json"}, text)

    def _answer(self, url: str) -> OneAnswer:
        answer = self.answers[url]
        if not isinstance(answer, InTurn):
            return answer
        with self._turn:
            return answer.answers.pop(0) if len(answer.answers) > 1 else answer.answers[0]

    def converse(self, request: ModelRequest) -> ModelAnswer:
        """Answer the next of what the test gave for the language model.

        Raises:
            PermanentError: `ModelNotAnswered`, the test gave no further answer.
        """
        self.prompts.append(request)
        if not self.replies:
            step = "Give one for each call: run_step(model=[...])."
            raise step_failure(ModelFailure(ModelError.NO_ANSWER, "the test has no answer left", next_step=step))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, ModelAnswer):
            return reply
        text = reply if isinstance(reply, str) else TypeAdapter(Any).dump_json(reply).decode()
        return ModelAnswer(text=text, data=None if isinstance(reply, str) else reply, model="test")

    def _need(self, scope: str) -> None:
        granted = self._scopes
        if granted is not None and scope not in granted and not (scope == "write:tags" and "write" in granted):
            raise GateFailure(
                GateError.DENIED,
                f"the install has no scope catalog:{scope}",
                next_step="Add it to [permissions] scopes.",
            )

    def _apply(self, write: AssetWrite) -> AssetChange:
        old = self.assets.get(write.qualified_name)
        version = old.version if old else 0
        if write.if_version is not None and write.if_version != version:
            raise Conflict(f"{write.qualified_name} has version {version}, not {write.if_version}")
        if write.delete:
            self.assets.pop(write.qualified_name, None)
            return self._change(write, "deleted" if old else "unchanged", version)
        if old is None and write.type is None:
            raise BadRequest(f"{write.qualified_name} does not exist, and a new asset needs a type")
        if old is not None and write.type not in (None, old.type):
            raise BadRequest(f"{write.qualified_name} is a {old.type}; an asset's type can't be changed")
        base = old or asset(write.qualified_name, write.type or "")
        values = {name: value for name in FIELDS if (value := getattr(write, name)) is not None}
        tags = (set(values.get("tags", base.tags)) | set(write.add_tags)) - set(write.remove_tags)
        new = base.model_copy(update={**values, "tags": tuple(sorted(tags)), "version": version + 1})
        changed = tuple(name for name in FIELDS if getattr(new, name) != getattr(base, name))
        if old is not None and not changed:
            return self._change(write, "unchanged", version)
        self.assets[write.qualified_name] = new
        return self._change(write, "updated" if old else "created", version + 1, changed)

    @staticmethod
    def _change(write: AssetWrite, outcome: str, version: int, changed: tuple[str, ...] = ()) -> AssetChange:
        known = get_args(AssetChange.model_fields["outcome"].annotation)
        change_id = "" if outcome == "unchanged" else run_id(write.qualified_name, str(version), outcome)
        return AssetChange(
            qualified_name=write.qualified_name,
            outcome=known[known.index(outcome)],
            version=version,
            changed=changed,
            change_id=change_id,
        )
