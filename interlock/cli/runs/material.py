"""A recorded run for commands: from the platform, or from an imported file; bodies resolved, digests checked."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from interlock.cli.terminal.client import Client
from interlock.contract import payload
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict, NotFound, Unavailable
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep
from interlock.contract.envelope import Effect, StepContext
from interlock.contract.run import Body, Run, StepRecord
from interlock.debugger.choose import choose_record, context_of
from interlock.local.debug.code import fetch_code
from interlock.local.imported import ImportedRun

SECONDS = 60


@dataclass(frozen=True)
class Material:
    """A recorded attempt, whole.

    Attributes:
        run: its run.
        record: input, output and effects in place.
        context: what the step's `ctx` says.
        handler: `package.module:function`.
        code: the unpacked bundle; None where there is none and a working copy stands for it.
        notes: what a person should know before the step runs.
    """

    run: Run
    record: StepRecord
    context: StepContext
    handler: str
    code: Path | None
    notes: tuple[str, ...] = ()


class Remote:
    """A run on the platform."""

    def __init__(self, client: Client, base: str, run: str) -> None:
        """Keep who asks; nothing is called."""
        self.client = client
        self.base = f"{base}/runs/{run}"

    def material(self, home: Path, wanted: str, attempt: int | None, *, trusting: bool) -> Material:
        """One attempt and its code.

        Raises:
            NotFound: no such run, state or attempt, or it is past its retention.
            Conflict: the run is not over, or a digest differs.
        """
        words = {"state": wanted, "attempt": "" if attempt is None else str(attempt)}
        step = DebugStep.model_validate(self.client.get(f"{self.base}/debug", **words))
        record = self.whole(step.record)
        code = fetch_code(home, step.bundle.digest, lambda: download(step.bundle.url, "bundle"), trusting=trusting)
        if payload.digest(record.input.value) != record.digest:
            raise _differs(record)
        return Material(step.run, record, step.context, step.handler, code)

    def whole(self, record: StepRecord) -> StepRecord:
        """A record with input, output and effects in place."""
        update: dict[str, Any] = {
            "input": self.body(record.input),
            "output": record.output and self.body(record.output),
        }
        if record.effects_key:
            rows = self.value(record.effects_key)
            update |= {"effects": tuple(Effect.model_validate(row) for row in rows), "effects_key": ""}
        return record.model_copy(update=update)

    def body(self, body: Body) -> Body:
        """A body with its value in place, and what was spilled from it put back."""
        value = self.value(body.key) if body.key else body.value
        value = payload.put_back(value, lambda marker: self.value(str(marker["key"])))
        return body.model_copy(update={"value": value, "key": ""})

    def value(self, key: str) -> Json:
        """What lies in S3 at a key.

        Raises:
            NotFound: it is past its retention.
            Conflict: it is not what its digest says.
        """
        ref = BodyRef.model_validate(self.client.get(f"{self.base}/bodies", key=key))
        value = json.loads(download(ref.url, "recorded body"))
        if payload.digest(value) != ref.digest:
            raise Conflict(
                "a recorded body differs from its digest", where=key, code="body-digest", next_step="Try again."
            )
        return value

    def bundle(self) -> tuple[BundleRef, bytes]:
        """The app's bundle, checked.

        Raises:
            Conflict: it is not what its digest says.
        """
        ref = BundleRef.model_validate(self.client.get(f"{self.base}/bundle"))
        data = download(ref.url, "bundle")
        if hashlib.sha256(data).hexdigest() != ref.digest:
            raise Conflict(
                "the bundle differs from its digest",
                where=f"{ref.app}@{ref.version}",
                code="bundle-digest",
                next_step="Try again.",
            )
        return ref, data


def from_import(
    found: ImportedRun, home: Path, wanted: str, attempt: int | None, *, trusting: bool, needs_code: bool
) -> Material:
    """One attempt of an imported run.

    Raises:
        NotFound: no such state or attempt, or there is no code.
        Conflict: the run is not over, or a digest differs.
    """
    record = choose_record(found.run, found.steps, wanted, attempt)
    handler = found.manifest.handlers.get(record.step, "")
    code = fetch_code(home, found.manifest.code, found.bundle, trusting=trusting) if needs_code else None
    notes: list[str] = []
    if payload.digest(record.input.value) != record.digest:
        if found.manifest.whole:
            raise _differs(record)
        notes.append("the input is redacted: it differs from what the step got")
    context = context_of(found.run, record, found.manifest.granted)
    return Material(found.run, record, context, handler, code, tuple(notes))


def download(url: str, what: str) -> bytes:
    """Fetch what a presigned URL names.

    Raises:
        NotFound: it is not there any more.
        Unavailable: the store did not answer.
    """
    try:
        answer = urllib3.PoolManager(timeout=SECONDS, retries=False).request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        raise Unavailable(f"no answer for the {what}: {type(error).__name__}", where=url.split("?")[0]) from error
    if answer.status == 404:
        raise NotFound(
            f"the {what} is past its retention",
            where=url.split("?")[0],
            code="past-retention",
            next_step="Only what was exported in time can be debugged now: interlock run export RUN",
        )
    if answer.status != 200:
        raise Unavailable(f"the store refused the {what} ({answer.status})", where=url.split("?")[0])
    return answer.data


def live_reads(client: Client, base: str) -> Any:
    """Answers a debugged step's catalog reads as who runs the command."""

    def read(op: str, words: Mapping[str, Any]) -> Json:
        if op == "asset":
            rows = client.get(f"{base}/assets", qualified_name=str(words["qualified_name"]))["assets"]
            return rows[0] if rows else None
        query = {"type": words.get("type"), "tag": words.get("tag"), "prefix": words.get("prefix")}
        return client.get(f"{base}/assets", **query, cursor=words.get("cursor"), limit=words.get("limit"))

    return read


def _differs(record: StepRecord) -> Conflict:
    return Conflict(
        "the recorded input differs from its digest",
        where=record.state,
        code="input-digest",
        next_step="Nothing was started: what the step got is not known any more.",
    )
