"""The local platform: start the engine and deploy to it, stop it, look at it.

What talks to AWS is imported in functions, because it takes longer to import than all else: `up` does it while the
engine starts.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from interlock.contract.core.failure import Failure, Unavailable
from interlock.local.deploy import STACKS, bootstrap, deploy
from interlock.local.engine.failure import EngineNotRunning
from interlock.local.engine.lock import held
from interlock.local.engine.memory import memory_of, size_of
from interlock.local.engine.process import (
    DEFAULT_PORT,
    Engine,
    EngineSettings,
    EngineStatus,
    engine_status,
    start_engine,
)
from interlock.local.engine.stopping import stop_engine
from interlock.local.environment import talking_to
from interlock.local.home import Home, home, sources
from interlock.local.node import ensure_cdk
from interlock.local.record import PlatformRecord, read_platform, write_platform
from interlock.local.stamp import stamp

if TYPE_CHECKING:
    from interlock.local.recover import Recovery

BOOTSTRAP = "CDKToolkit"


class RecordDamaged(Failure):
    """The platform's record cannot be read."""

    default_code = "platform-record"


class Progress(Protocol):
    """Who is told what `up` is doing."""

    def step(self, name: str) -> None:
        """A step begins; the one before it is done."""
        ...


@dataclass(frozen=True)
class Platform:
    """A platform that is up."""

    engine: Engine
    record: PlatformRecord
    place: Home
    deployed: bool
    """Whether this `up` deployed anything."""
    recovered: tuple[str, ...] = ()
    """Runs that a restart of the engine had ended, and that go on."""
    unrecovered: Mapping[str, str] = field(default_factory=dict[str, str])
    """Runs that could not be started again, each with the reason: the sweep ends them."""
    resumed: tuple[str, ...] = ()
    """Workflows of the platform (publishing, onboarding, installing ...) that begin anew, by their executions."""


@dataclass(frozen=True)
class Status:
    """What there is of a platform.

    Attributes:
        engine: whether it runs.
        record: what was deployed; None before the first `up`.
        stacks: each stack, and whether it is complete; empty where the engine does not run.
        current: whether what is deployed is what the sources say.
        running: how many runs are not over.
        memory: what the engine and the functions' processes hold, in bytes.
        disk: what the engine's state takes, in bytes.
    """

    engine: EngineStatus
    record: PlatformRecord | None
    stacks: dict[str, bool]
    current: bool
    running: int
    memory: int = 0
    disk: int = 0


def up(progress: Progress, place: Home | None = None, port: int | None = None) -> Platform:
    """Start the engine and deploy the platform to it; where both are as they should be, do nothing.

    Args:
        progress: who is told.
        place: where the platform lives; `home()` by default.
        port: the engine's port; by default the one it had, or 4666. 0 takes a free one.

    Raises:
        EngineFailure: the engine did not start.
        ToolsMissing: Node or the CDK CLI is not there and could not be installed.
        DeployFailed: a stack could not be deployed.
    """
    place = place or home()
    root = sources()
    with held(place.deploy):
        place.root.chmod(0o700)
        before = read_platform(place.record)
        if before is None and place.record.exists():
            raise RecordDamaged(
                f"{place.record} cannot be read",
                where="interlock up",
                next_step=f"Restore it from a copy, or move {place.root} away to begin without what is in it",
            )
        progress.step("Start the engine")
        wanted = _port(before) if port is None else port
        with ThreadPoolExecutor(1) as aside:
            prepared = aside.submit(_prepare)
            engine = start_engine(
                EngineSettings(state_dir=place.engine, port=wanted, venv_root=place.tools), progress.step
            )
            prepared.result()
        if before is None and _is_half_deployed(engine):
            progress.step("Begin again: the first deployment was cut")
            engine = _begin_again(place, wanted)
        digest = stamp(root, engine.endpoint_url)
        present, recovery, resumed = _resume(engine, before)
        if before and before.stamp == digest and present:
            return Platform(engine, before, place, False, recovery.runs, recovery.failed, resumed)
        if before:
            write_platform(place.record, before.model_copy(update={"stamp": ""}))
        record = _deploy(progress, engine, place).model_copy(update={"stamp": digest})
        write_platform(place.record, record)
        return Platform(engine, record, place, True, recovery.runs, recovery.failed, resumed)


def status(place: Home | None = None) -> Status:
    """Look at a platform without changing anything."""
    place = place or home()
    engine, record = engine_status(place.engine), read_platform(place.record)
    disk = size_of(place.engine)
    if engine.engine is None or record is None:
        return Status(engine=engine, record=record, stacks={}, current=False, running=0, disk=disk)
    values = _stacks(engine.engine)
    current = record.stamp == stamp(sources(), engine.engine.endpoint_url)
    running = 0
    if all(values.values()):
        from interlock.aws.tables.runs import Runs

        with talking_to(engine.engine):
            running = sum(1 for _ in Runs(record.runs_table).running())
    memory = memory_of(engine.engine.pid)
    return Status(engine, record, values, current, running, memory, disk)


def down(place: Home | None = None, progress: Progress | None = None) -> None:
    """Stop the engine: steps at work end, and it saves. Ask `status` first how many runs are running.

    Args:
        place: where the platform lives; `home()` by default.
        progress: who is told what is waited for.

    Raises:
        EngineNotRunning: there is nothing to stop.
        EngineNotSaved: it cannot save; it stays.
        EngineWillNotStop: it is still there after its time; it is left alone.
    """
    stop_engine((place or home()).engine, say=progress.step if progress else lambda _: None)


def connect(place: Home | None = None) -> Platform:
    """The platform that is up, for a command that needs it.

    Raises:
        EngineNotRunning: it is not up.
    """
    place = place or home()
    engine, record = engine_status(place.engine).engine, read_platform(place.record)
    if engine is None or record is None or not record.api_id:
        raise EngineNotRunning(str(place.root), "the local platform is not up", "interlock up")
    return Platform(engine=engine, record=record, place=place, deployed=False)


def _prepare() -> None:
    """Import what talks to the engine, and read what it needs to know of AWS's services."""
    from interlock.aws.clients import read_descriptions
    from interlock.local import recover

    read_descriptions(recover.SERVICES)


def _resume(engine: Engine, before: PlatformRecord | None) -> tuple[bool, Recovery, tuple[str, ...]]:
    """Whether the engine has all stacks; if so, what its restart had cut goes on."""
    from interlock.local.recover import Recovery, recover, resume_workflows

    with talking_to(engine):
        present = all(_stacks(engine).values())
        if before and before.runs_table and present:
            return present, recover(engine, before), tuple(resume_workflows(engine))
    return present, Recovery((), {}), ()


def _deploy(progress: Progress, engine: Engine, place: Home) -> PlatformRecord:
    progress.step("Find Node and the CDK CLI")
    cdk = ensure_cdk(place.tools)
    if not _is_there(engine, BOOTSTRAP):
        progress.step("Bootstrap the CDK")
        bootstrap(cdk, engine, place)
    progress.step("Deploy the platform")
    return deploy(cdk, engine, place)


def _is_half_deployed(engine: Engine) -> bool:
    """Whether there are stacks of a deployment that never ended; nobody has used the platform then."""
    from interlock.aws.clients import client
    from interlock.aws.services import stacks

    with talking_to(engine):
        listed = client("cloudformation").describe_stacks()["Stacks"]
    statuses = {str(one["StackName"]): str(one["StackStatus"]) for one in listed}
    own = [name for name in statuses if name in (*STACKS, BOOTSTRAP)]
    return bool(own) and not all(statuses.get(name) in stacks.DONE for name in (*STACKS, BOOTSTRAP))


def _begin_again(place: Home, port: int) -> Engine:
    """An engine without state; the state of the one before is beside it."""
    stop_engine(place.engine)
    aside = place.engine.with_name("engine.cut")
    shutil.rmtree(aside, ignore_errors=True)
    place.engine.rename(aside)
    return start_engine(EngineSettings(state_dir=place.engine, port=port, venv_root=place.tools))


def _port(before: PlatformRecord | None) -> int:
    return int(before.endpoint_url.rsplit(":", 1)[-1]) if before else DEFAULT_PORT


def _stacks(engine: Engine) -> dict[str, bool]:
    """Which stacks the engine has: one that was killed forgets what it had not saved."""
    with talking_to(engine):
        return {name: _is_there(engine, name) for name in STACKS}


def _is_there(engine: Engine, stack: str) -> bool:
    from interlock.aws.services import stacks

    with talking_to(engine):
        try:
            return stacks.is_done(stack)
        except Unavailable:
            return False
