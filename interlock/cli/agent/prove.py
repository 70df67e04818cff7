"""The tools that prove a change and bring it to a run: verify against what was recorded, and fork."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from interlock.cli.agent.tool import Desk, Tool, untrusted
from interlock.contract.copilot.answer import Answer, Arguments, Untrusted, Word
from interlock.contract.copilot.tool import Hints
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest

if TYPE_CHECKING:
    from interlock.cli.runs.verify import Verdict

FORK_SECONDS = 600


class Verify(Arguments):
    """Arguments of `verify`: a working copy or a version, and the recorded runs to hold it against."""

    folder: Annotated[str, Field(max_length=4_096)] = ""
    """A working copy: each recorded step runs here with the input that it had."""
    version: Word = ""
    """A version on the platform, which runs each workflow as a whole, dry."""
    runs: Annotated[tuple[Word, ...], Field(max_length=100)] = ()
    """The recorded runs; without them the last ones of `app`."""
    last: Annotated[int, Field(ge=1, le=100)] = 20
    """How many of the last runs, where none is named."""
    app: Word = ""
    """Whose last runs: `publisher/name`."""
    accept: tuple[Word, ...] = ()
    """Codes of findings that are accepted, for a version."""


class Fork(Arguments):
    """Arguments of `fork`."""

    run: Word
    """A run that is over."""
    at: Word = ""
    """STATE, STATE[INDEX] or STATE@2 to go on from; empty for the one that failed."""
    version: Word = ""
    """Another version of the app, such as the one with the fix."""
    patch: dict[str, Json] | None = None
    """A JSON Merge Patch of that state's recorded input."""
    dry: bool = False
    """Capture effects and perform none; nobody is asked then."""
    accept: tuple[Word, ...] = ()
    """Codes of findings that the person has seen and accepts."""


class VerdictLine(Answer):
    """How a change compares with one recorded run."""

    run: str
    same: bool
    ended: str
    differences: int
    refused: str = ""


class VerifyAnswer(Answer):
    """Answer of `verify`."""

    same: int
    differ: int
    refused: int
    verdicts: tuple[VerdictLine, ...]
    untrusted: Untrusted
    """The `first` difference of each run that differs: what was recorded and what it is now."""

    def said(self) -> str:
        """How many of each."""
        return f"{self.same} the same, {self.differ} differ, {self.refused} refused."


class ForkAnswer(Answer):
    """Answer of `fork`."""

    run: str
    """The new run."""
    forked: str
    at: str
    reuses: int
    """So many recorded steps were served from their records, and did not run again."""
    status: str
    untrusted: Untrusted
    """Its `output`, or its `failed` state and error."""

    def said(self) -> str:
        """How it ended."""
        return f"{self.run} forks {self.forked}: {self.status}"


def _verify(desk: Desk, wanted: Verify) -> VerifyAnswer:
    from interlock.cli.runs.recorded import fetched
    from interlock.cli.runs.verify import code_of, last_runs, verify_all, verify_here
    from interlock.contract.fork import ForkRequest

    if bool(wanted.folder) == bool(wanted.version):
        raise BadRequest("there is nothing to verify", where="folder", next_step="Name a folder or a version.")
    runs = list(wanted.runs) or last_runs(desk.client, desk.tenant, wanted.last, wanted.app, "")
    verdicts: list[Verdict] = []
    if wanted.version:
        request = ForkRequest(whole=True, dry=True, version=wanted.version, accept=wanted.accept)
        verdicts = verify_all(desk.client, desk.tenant, runs, request, quiet=True)
    else:
        root, manifest = code_of(Path(wanted.folder).expanduser(), None)
        for number, run in enumerate(runs):
            desk.progress(f"run {number + 1} of {len(runs)}")
            verdicts.append(verify_here(root, manifest, fetched(desk.client, desk.tenant, run)))
    return _verified(verdicts)


def _verified(verdicts: list[Verdict]) -> VerifyAnswer:
    rows = tuple(
        VerdictLine(run=row.run, same=row.same, ended=row.ended, differences=row.differences, refused=row.refused)
        for row in verdicts
    )
    same, refused = sum(row.same for row in rows), sum(bool(row.refused) for row in rows)
    first: dict[str, Json] = {row.run: row.first.model_dump(mode="json") for row in verdicts if row.first}
    return VerifyAnswer(
        same=same,
        differ=len(rows) - same - refused,
        refused=refused,
        verdicts=rows,
        untrusted=untrusted({"first": first}),
    )


def _fork(desk: Desk, wanted: Fork) -> ForkAnswer:
    from interlock.cli.agent.runs import wait_for_end
    from interlock.contract.fork import ForkRequest

    request = ForkRequest(
        at=wanted.at, version=wanted.version or None, patch=wanted.patch, dry=wanted.dry, accept=wanted.accept
    )
    accepted = desk.client.runs.fork(desk.tenant, wanted.run, request)
    desk.progress(f"run {accepted.run} goes on")
    run = wait_for_end(desk, accepted.run, FORK_SECONDS)
    data: dict[str, Json] = {
        "output": run.output.value if run.output else None,
        "failed": run.failed.model_dump(mode="json") if run.failed else None,
    }
    return ForkAnswer(
        run=accepted.run,
        forked=wanted.run,
        at=accepted.at,
        reuses=accepted.reuses,
        status=run.status.value,
        untrusted=untrusted(data),
    )


def _ask_to_fork(desk: Desk, wanted: Fork) -> str | None:
    if wanted.dry:
        return None
    run = desk.client.runs.get(desk.tenant, wanted.run)
    version = wanted.version or run.version
    where = f" from {wanted.at}" if wanted.at else " from where it failed"
    patch = f" with its input changed by {wanted.patch}" if wanted.patch is not None else ""
    what = f"Fork run {run.id} of {run.app} in {desk.tenant}{where} with version {version}{patch}?"
    return f"{what} Its effects are performed."


PROVE = (
    Tool(
        name="verify",
        title="Verify a change on recorded runs",
        about="Hold a working copy, or a version, against recorded runs: does each step answer what it answered then, "
        "and call what it called? Nothing is performed. A run that failed should differ where the fix is.",
        arguments=Verify,
        answer=VerifyAnswer,
        run=_verify,
        hints=Hints(read_only=False, idempotent=True),
    ),
    Tool(
        name="fork",
        title="Fork a run",
        about="Go on from a recorded run, with a new version or an edited input: earlier steps are served from their "
        "records. A person is asked, unless it is dry. It answers when the new run is over.",
        arguments=Fork,
        answer=ForkAnswer,
        run=_fork,
        hints=Hints(read_only=False, destructive=True, open_world=True),
        question=_ask_to_fork,
    ),
)
