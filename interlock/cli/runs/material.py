"""A recorded attempt for commands: from the platform, or from an imported file; bodies in place, digests checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interlock.contract import payload
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Unavailable
from interlock.contract.envelope import Effect, StepContext
from interlock.contract.run import Body, Run, StepRecord
from interlock.debugger.choose import choose_record, context_of
from interlock.local.debug.code import fetch_code, handler_of
from interlock.local.imported import ImportedRun
from interlock.local.trust import learn_key, load_trust, trust_digest

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client
    from interlock.contract.debug_step import BundleRef
    from interlock.local.debug.job import Break, Job

SECONDS = 60


@dataclass(frozen=True)
class Material:
    """A recorded attempt, whole.

    Attributes:
        run: its run.
        record: input, output and effects in place.
        context: the step's `ctx`.
        handler: `package.module:function`.
        code: the unpacked bundle; None where a working copy replaces it.
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

    def __init__(self, client: Client, tenant: str, run: str) -> None:
        """Take the client and the run; nothing is called."""
        self.client, self.tenant, self.run = client, tenant, run

    def material(self, home: Path, state: str, attempt: int | None, trusted: str = "") -> Material:
        """One attempt and its code; a bundle of digest `trusted` is taken in place of the one that ran, from now on.

        Raises:
            NotFound: there is no such run, state or attempt, or it is past its retention.
            Conflict: the run is not over, or a digest differs.
        """
        step = self.client.recorded_steps.get(self.tenant, self.run, state=state, attempt=attempt)
        record = self.whole(step.record)
        learn_key(home, step.bundle)
        digests = {trusted, *load_trust(home).digests}
        code = fetch_code(home, step.bundle.digest, lambda: download(step.bundle.url, "bundle"), digests)
        if trusted:
            trust_digest(home, trusted)
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
        """A body with its value in place, and with the parts that were stored apart put back."""
        value = self.value(body.key) if body.key else body.value
        value = payload.put_back(value, lambda marker: self.value(str(marker["key"])))
        return body.model_copy(update={"value": value, "key": ""})

    def value(self, key: str) -> Json:
        """The JSON that is stored under a key.

        Raises:
            NotFound: it is past its retention.
            Conflict: its digest differs.
        """
        ref = self.client.recorded_steps.get_body(self.tenant, self.run, key=key)
        value = json.loads(download(ref.url, "recorded body"))
        if payload.digest(value) != ref.digest:
            what = "a recorded body differs from its digest"
            raise Conflict(what, where=key, code="body-digest", next_step="Try again.")
        return value

    def bundle(self) -> tuple[BundleRef, bytes]:
        """The app's bundle, checked.

        Raises:
            Conflict: its digest differs.
        """
        ref = self.client.recorded_steps.get_bundle(self.tenant, self.run)
        data = download(ref.url, "bundle")
        if hashlib.sha256(data).hexdigest() != ref.digest:
            where, step = f"{ref.app}@{ref.version}", "Try again."
            raise Conflict("the bundle differs from its digest", where=where, code="bundle-digest", next_step=step)
        return ref, data


def from_import(file: ImportedRun, home: Path, state: str, attempt: int | None, source: Path | None) -> Material:
    """One attempt of an imported run whose code may run here; `source` is a working copy in place of its code.

    Raises:
        NotFound: there is no such state or attempt, or no code, or the code has no such step.
        Conflict: the run is not over, or a digest differs.
    """
    record = choose_record(file.run, file.steps, state, attempt)
    code = None if source is not None else fetch_code(home, file.manifest.code, file.bundle)
    root = source if code is None else code
    assert root is not None
    handler = handler_of(root, record.step)
    notes: list[str] = []
    if payload.digest(record.input.value) != record.digest:
        if file.manifest.whole:
            raise _differs(record)
        notes.append("The input is redacted: it differs from the one that the step had.")
    context = context_of(file.run, record, file.manifest.granted)
    return Material(file.run, record, context, handler, code, tuple(notes))


def job_of(material: Material, root: Path, breaks: Sequence[str], secrets: Mapping[str, str | None]) -> Job:
    """The debugger's job of an attempt: its code in `root`, stopped at each FILE:LINE of `breaks` too.

    Raises:
        BadRequest: a place is no line of the app.
    """
    from interlock.contract.envelope import StepRequest
    from interlock.local.debug.job import Job

    request = StepRequest(
        handler=material.handler,
        input=material.record.input.value,
        context=material.context,
        dry=True,
        journal=material.record.effects,
        redact=material.run.redact,
    )
    return Job(
        request=request,
        root=str(root),
        record=material.record,
        breaks=_breaks(root, breaks),
        secrets=dict(secrets),
        outcome="",
    )


def _breaks(root: Path, places: Sequence[str]) -> tuple[Break, ...]:
    from interlock.local.debug.job import Break

    breaks: list[Break] = []
    for place in places:
        file, _, line = place.rpartition(":")
        path = (root / file).resolve()
        if not line.isdecimal() or not path.is_file() or int(line) > len(path.read_bytes().splitlines()):
            step = "Write FILE:LINE of a file in the app."
            raise BadRequest(f"there is no line {place!r} in {root}", where="--break", next_step=step)
        breaks.append(Break(file=str(path), line=int(line)))
    return tuple(breaks)


def download(url: str, what: str) -> bytes:
    """Fetch a presigned URL.

    Raises:
        NotFound: it is past its retention.
        Unavailable: the store did not answer.
    """
    import urllib3

    try:
        answer = urllib3.PoolManager(timeout=SECONDS, retries=False).request("GET", url)
    except urllib3.exceptions.HTTPError as error:
        problem = f"the store did not answer for the {what} ({type(error).__name__})"
        raise Unavailable(problem, where=url.split("?")[0]) from error
    if answer.status == 404:
        raise NotFound(
            f"the {what} is past its retention",
            where=url.split("?")[0],
            code="past-retention",
            next_step="Only runs that were exported in time can be debugged now: interlock run export RUN",
        )
    if answer.status != 200:
        raise Unavailable(f"the store refused the {what} ({answer.status})", where=url.split("?")[0])
    return answer.data


def live_reads(client: Client, tenant: str) -> Any:
    """Answers a debugged step's catalog reads as the caller of the command."""

    def read(op: str, params: Mapping[str, Any]) -> Json:
        if op == "asset":
            assets = client.assets.list(tenant, qualified_name=str(params["qualified_name"])).assets
            return assets[0].model_dump(mode="json") if assets else None
        page = client.assets.list(
            tenant,
            type=params.get("type"),
            tag=params.get("tag"),
            prefix=params.get("prefix"),
            cursor=params.get("cursor"),
            limit=params.get("limit"),
        )
        return page.model_dump(mode="json")

    return read


def _differs(record: StepRecord) -> Conflict:
    return Conflict(
        "the recorded input differs from its digest",
        where=record.state,
        code="input-digest",
        next_step="Nothing was started: the input that the step had is not known any more.",
    )
