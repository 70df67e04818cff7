"""The local platform: start the engine and deploy to it, stop it, look at it."""

from dataclasses import dataclass
from typing import Protocol

from interlock.aws import stacks
from interlock.contract.failure import Unavailable
from interlock.local.deploy import STACKS, bootstrap, deploy
from interlock.local.engine import Engine, EngineSettings, start_engine
from interlock.local.engine.lock import held
from interlock.local.engine.process import DEFAULT_PORT
from interlock.local.environment import talking_to
from interlock.local.home import Home, home, sources
from interlock.local.node import ensure_cdk
from interlock.local.record import PlatformRecord, read_platform, write_platform
from interlock.local.stamp import stamp


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
        progress.step("Start the engine")
        wanted = _port(before) if port is None else port
        engine = start_engine(EngineSettings(state_dir=place.engine, port=wanted, venv_root=place.tools))
        digest = stamp(root, engine.endpoint_url)
        present = _present(engine)
        if before and before.stamp == digest and present:
            return Platform(engine=engine, record=before, place=place, deployed=False)
        if before:
            write_platform(place.record, before.model_copy(update={"stamp": ""}))
        progress.step("Find Node and the CDK CLI")
        cdk = ensure_cdk(place.tools)
        if not _is_there(engine, "CDKToolkit"):
            progress.step("Bootstrap the CDK")
            bootstrap(cdk, engine, place)
        progress.step("Deploy the platform")
        record = deploy(cdk, engine, place).model_copy(update={"stamp": digest})
        write_platform(place.record, record)
        return Platform(engine=engine, record=record, place=place, deployed=True)


def _port(before: PlatformRecord | None) -> int:
    return int(before.endpoint_url.rsplit(":", 1)[-1]) if before else DEFAULT_PORT


def _present(engine: Engine) -> bool:
    """Whether the engine still has the stacks: one that was killed forgets what it had not saved."""
    return all(_is_there(engine, name) for name in STACKS)


def _is_there(engine: Engine, stack: str) -> bool:
    with talking_to(engine):
        try:
            return stacks.is_done(stack)
        except Unavailable:
            return False
