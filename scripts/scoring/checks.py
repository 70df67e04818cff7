"""What is checked of an app of the corpus on a platform: explain, debug, the input's bytes, fork, verify and diff."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from interlock.cli.installs.settle import install_app
from interlock.cli.runs.recorded import diff_fork
from interlock.cli.runs.verify import verify_all
from interlock.cli.terminal.client import Client
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.fork import ForkRequest
from interlock.contract.install import InstallRequest
from interlock.contract.registration import NewVersion
from interlock.contract.registry import Install, Version, VersionStatus
from interlock.contract.run import RecordStatus, Run, RunStatus, StepRecord
from interlock.contract.run_request import RunRequest
from scripts.scoring.apps import BROKEN, FIXED, App, planned, zipped
from tests.support.commands import parse
from tests.support.dap import Dap, Stop

CHECKS = ("explain", "debug", "input", "fork", "verify", "diff")
COMMAND = (sys.executable, "-c", "from interlock.cli.main import main; main()")
PUBLISH_SECONDS = 180
RUN_SECONDS = 120
DEBUGGERS = 2
"""So many debug sessions at a time: each is two processes that start from nothing."""
DIGEST = "__import__('interlock.contract.payload', fromlist=['digest']).digest({name})"
"""The digest of what the step function got, asked for in its frame."""

Found = TypeVar("Found")


@dataclass
class Stage:
    """A platform with a publisher and a tenant, whose profiles are in `home`."""

    home: Path
    publisher: Client
    client: Client
    tenant: str
    debuggers: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(DEBUGGERS))

    @property
    def publisher_id(self) -> str:
        """In whose name the apps are published."""
        return self.publisher.profile.id


@dataclass
class Score:
    """What became of one app."""

    name: str
    kind: str
    misses: dict[str, str] = field(default_factory=dict[str, str])
    """Why, by check."""
    seconds: float = 0.0
    fork: str = ""
    """The fork of the fixed version, once it began."""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return not self.misses


class Miss(Exception):
    """A check found something else than the label says."""


def score(stage: Stage, app: App) -> Score:
    """Publish, install and run an app, and check what the debugger makes of its failure."""
    begun = time.monotonic()
    outcome = Score(app.name, app.label.kind)
    try:
        run = failed_run(stage, app)
        records = steps(stage, run)
    except (Miss, Failure, TimeoutError) as error:
        outcome.misses = dict.fromkeys(CHECKS, f"it did not come to a failed run: {error}")
        return outcome
    parts: tuple[tuple[str, Callable[[], None]], ...] = (
        ("explain", lambda: check_explain(stage, app, run)),
        ("debug", lambda: check_debug(stage, app, run, records, outcome)),
        ("fork", lambda: check_fork(stage, app, run, records, outcome)),
        ("verify", lambda: check_verify(stage, app, run)),
        ("diff", lambda: check_diff(stage, app, run, records, outcome)),
    )
    for name, part in parts:
        try:
            part()
        except (Miss, Failure, TimeoutError, AssertionError, OSError, ValueError) as error:
            outcome.misses[name] = f"{type(error).__name__}: {error}" if not isinstance(error, Miss) else str(error)
    outcome.seconds = time.monotonic() - begun
    return outcome


def failed_run(stage: Stage, app: App) -> str:
    """The id of a run of the broken version, once it failed."""
    data = zipped(app.files, stage.publisher_id)
    publish(stage, app, data, BROKEN)
    grant = planned(data).manifest.permissions.scopes()
    name = f"{stage.publisher_id}/{app.name}"
    request = InstallRequest(app=name, version=BROKEN, grant=tuple(grant), config=app.label.config)

    def listed() -> Install | None:
        # The version is listed a moment before its app is.
        try:
            return install_app(stage.client, stage.tenant, request)
        except NotFound:
            return None

    install = until(listed, f"the listing of {name}", PUBLISH_SECONDS)
    start = RunRequest(install=install.id, workflow="main", input=app.input)
    for _ in range(app.label.before):
        good = wait_for_end(stage, stage.client.runs.start(stage.tenant, start).run)
        if good.status is not RunStatus.SUCCEEDED:
            raise Miss(f"the run before it {good.status.value}")
    run = stage.client.runs.start(stage.tenant, start).run
    ended = wait_for_end(stage, run)
    if ended.status is not RunStatus.FAILED:
        raise Miss(f"the run {ended.status.value}")
    return run


def publish(stage: Stage, app: App, data: bytes, version: str) -> None:
    """Bring a bundle to a listed version."""
    new = NewVersion(version=version, digest=hashlib.sha256(data).hexdigest())
    ticket = stage.publisher.versions.create(stage.publisher_id, app.name, new)
    if ticket.form is not None:
        stage.publisher.upload(ticket.form.url, ticket.form.fields, data)

    def over() -> Version | None:
        shown = stage.publisher.versions.get(stage.publisher_id, app.name, version)
        return shown if shown.status in (VersionStatus.LISTED, VersionStatus.REJECTED) else None

    ended = until(over, f"publishing {app.name}@{version}", PUBLISH_SECONDS)
    if ended.status is not VersionStatus.LISTED:
        raise Miss(f"{version} was rejected: {ended.findings}")


def check_explain(stage: Stage, app: App, run: str) -> None:
    """The explanation names the state, the line, and what the label wants said."""
    view = stage.client.runs.explain(stage.tenant, run)
    explanation = view.explanation
    state, place = explanation.where, f"{explanation.file}:{explanation.line}"
    wanted = f"{app.label.file}:{app.label.line}"
    if (state, place) != (app.label.state, wanted):
        raise Miss(f"explain says {state} at {place} ({explanation.error}), not {app.label.state} at {wanted}")
    for command in explanation.commands:
        parse(command)
    unsaid = [word for word in app.label.says if word not in view.text]
    if unsaid:
        raise Miss(f"explain does not say {', '.join(map(repr, unsaid))}")


def check_debug(stage: Stage, app: App, run: str, records: Sequence[StepRecord], outcome: Score) -> None:
    """The debugger stops at the line, on the recorded input; or refuses by naming the state."""
    command = [*COMMAND, "run", "debug", run, "--json", "--no-editor", "--tenant", stage.tenant]
    environment = os.environ | {"INTERLOCK_HOME": str(stage.home)}
    pipe = subprocess.PIPE
    with stage.debuggers, subprocess.Popen(command, env=environment, text=True, stdout=pipe, stderr=pipe) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            line = process.stdout.readline()
            if app.label.debug.stop == "none" or not line:
                _check_refusal(app, line, process.stderr.read() if not line else "")
                return
            said = threading.Thread(target=process.stderr.read, daemon=True)
            said.start()
            ready = json.loads(line)
            with Dap(ready["port"]) as dap:
                dap.attach()
                stop = dap.stopped()
                digest = _digest_there(dap, stop, app, process.stdout.readline)
        finally:
            process.terminate()
    place = f"{Path(stop.file).relative_to(ready['root']).as_posix()}:{stop.line}"
    wanted = "{}:{}".format(*app.label.stop_place[:2])
    if place != wanted:
        raise Miss(f"debug stopped at {place}, not at {wanted}")
    at = app.label.position
    digests = {row.digest for row in records if row.state == at.state and row.index in (None, at.index)}
    if digest not in digests:
        outcome.misses["input"] = f"the step got an input of digest {digest!r}; recorded are {sorted(digests)}"


def _check_refusal(app: App, line: str, said: str) -> None:
    if app.label.debug.stop != "none":
        raise Miss(f"debug refused: {said.strip()[-300:]}")
    if line:
        raise Miss("debug started, though no step was called")
    problem = json.loads(said.strip().splitlines()[-1])
    if app.label.position.state not in problem["detail"]:
        raise Miss(f"debug refuses without naming {app.label.state}: {problem['detail']}")


def _digest_there(dap: Dap, stop: Stop, app: App, read: Callable[[], str]) -> str:
    """The digest of the handler's input: told at the end, or asked for in the frame of a step that never ends well."""
    if app.label.debug.stop == "first":
        return dap.evaluate(DIGEST.format(name=app.label.debug.argument), stop.frame).strip("'\"")
    dap.go(stop)
    return str(json.loads(read() or "{}").get("input_digest", ""))


def check_fork(stage: Stage, app: App, run: str, records: Sequence[StepRecord], outcome: Score) -> None:
    """A fork of the fixed version succeeds, and runs nothing again that had ended well before its point."""
    publish(stage, app, zipped(app.fixed, stage.publisher_id), FIXED)
    at = app.label.fork_at or app.label.state
    request = ForkRequest(at=at, version=FIXED, accept=tuple(app.label.accept), patch=app.label.patch)
    fork = outcome.fork = stage.client.runs.fork(stage.tenant, run, request).run
    ended = wait_for_end(stage, fork)
    if ended.status is not RunStatus.SUCCEEDED:
        failed = ended.failed
        why = f"{failed.state}: {failed.error}: {failed.cause}" if failed else "no state"
        raise Miss(f"the fork {ended.status.value} at {why}")
    again = run_again(app, records, steps(stage, fork))
    if again:
        raise Miss(f"the fork ran again what had ended well: {', '.join(again)}")


def check_verify(stage: Stage, app: App, run: str) -> None:
    """`run verify` says that the fixed version does otherwise, and how it ends."""
    request = ForkRequest(whole=True, dry=True, version=FIXED, accept=tuple(app.label.accept))
    (verdict,) = verify_all(stage.client, stage.tenant, [run], request, quiet=True)
    if verdict.refused or verdict.same or verdict.ended != app.label.ends:
        word = verdict.refused or ("is the same" if verdict.same else f"ended {verdict.ended!r}")
        raise Miss(f"verify says that the fixed version {word}, not {app.label.ends!r}")


def check_diff(stage: Stage, app: App, run: str, records: Sequence[StepRecord], outcome: Score) -> None:
    """`run diff` of the run and the fixed fork names the status, and the state where it was called."""
    if not outcome.fork:
        raise Miss("there is no fork to compare with")
    difference = diff_fork(stage.client, stage.tenant, run, outcome.fork)
    places = {
        (row.aspect, row.where.partition(" ")[0] if row.aspect == "effect" else row.where)
        for row in difference.differences
    }
    if ("run", "status") not in places:
        raise Miss("diff does not say that the status differs")
    state = app.label.position.state
    is_named = any(where.startswith(state) for aspect, where in places if aspect != "run")
    if any(row.state == state for row in records) and not is_named:
        raise Miss(f"diff does not name {state}: {sorted(places)}")


def run_again(app: App, parent: Sequence[StepRecord], child: Sequence[StepRecord]) -> list[str]:
    """Visits that ended well before the fork point and that no record of the fork answers for."""
    at = app.label.fork_at or app.label.state
    point = next((row for row in reversed(parent) if _is_at(row, at)), None)
    before = [row for row in parent if row.status is RecordStatus.SUCCEEDED and not _is_at(row, at)]
    if point is not None:
        before = [row for row in before if row.entered < point.entered]
    elif app.label.fork_at:
        before = [row for row in before if not _is_at(row, app.label.state)]
    reused = Counter(_visit(row) for row in child if row.reused)
    missing = Counter(map(_visit, before)) - reused
    return sorted(f"{state}[{index}]" if index is not None else state for state, index, _ in missing)


def _is_at(row: StepRecord, at: str) -> bool:
    return at in (row.state, f"{row.state}[{row.index}]")


def _visit(row: StepRecord) -> tuple[str, int | None, str]:
    return row.state, row.index, row.digest


def steps(stage: Stage, run: str) -> list[StepRecord]:
    """A run's step records, in the order in which they were made."""
    return list(stage.client.recorded_steps.iterate(stage.tenant, run))


def wait_for_end(stage: Stage, run: str) -> Run:
    """A run, once it is over."""

    def over() -> Run | None:
        try:
            shown = stage.client.runs.get(stage.tenant, run)
        except NotFound:
            return None
        return shown if shown.status.over else None

    return until(over, f"run {run}", RUN_SECONDS)


def until(read: Callable[[], Found | None], what: str, seconds: float) -> Found:
    """What `read` answers once it answers something.

    Raises:
        TimeoutError: it did not in time.
    """
    end, pause, wait = time.monotonic() + seconds, 0.1, threading.Event()
    while (answer := read()) is None:
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        wait.wait(pause)
        pause = min(pause * 1.5, 1.0)
    return answer
