"""What changes of installs work with. An install is data: items, rules, schedules, tools, secrets (ADR 0003)."""

from dataclasses import dataclass
from datetime import timedelta

from interlock.aws.services import scheduler, step_functions
from interlock.aws.tables.agenda import Agenda
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.timers import Kind, Timer, timers
from interlock.compiler.policy import Deployment
from interlock.contract.core import names
from interlock.contract.core.base import Json, Model, now
from interlock.contract.core.failure import Conflict
from interlock.contract.core.settings import InstallSettings
from interlock.contract.registry import Install, InstallStatus

RESUME_MINUTES = 15
"""A change that is not over by then is taken up again by the clock: whoever began it is gone."""


class Machines(Model):
    """The ARNs of the platform's workflows that change installs and tenants."""

    install: str
    upgrade: str
    uninstall: str
    offboard: str
    rollout: str


@dataclass(frozen=True)
class InstallContext:
    """What changes of installs work with."""

    registry: Registry
    runs: Runs
    deployment: Deployment
    queue_arn: str
    schedule: scheduler.ScheduleTarget
    machines: Machines
    signing_key: str = ""
    """With which versions are certified (`control.seal`)."""

    @property
    def agenda(self) -> Agenda[Timer]:
        """The timers of installs."""
        return timers(self.registry.table.name)


def install_context(settings: InstallSettings) -> InstallContext:
    """What a function's settings say of it."""
    deployment = Deployment(
        partition=settings.partition,
        region=settings.region,
        account=settings.account,
        api_id=settings.api_id,
        bucket=settings.data_bucket,
    )
    machines = Machines(
        install=settings.install_machine,
        upgrade=settings.upgrade_machine,
        uninstall=settings.uninstall_machine,
        offboard=settings.offboard_machine,
        rollout=settings.rollout_machine,
    )
    schedule = scheduler.ScheduleTarget(
        group=settings.schedule_group, queue_arn=settings.start_queue_arn, role=settings.schedule_role
    )
    return InstallContext(
        registry=Registry(settings.registry_table),
        runs=Runs(settings.runs_table),
        deployment=deployment,
        queue_arn=settings.start_queue_arn,
        schedule=schedule,
        machines=machines,
        signing_key=settings.signing_key,
    )


def require_active(install: Install) -> None:
    """Refuse to change an install that is not active.

    Raises:
        Conflict: it is being installed or removed, or it is gone.
    """
    if install.status is not InstallStatus.ACTIVE:
        raise Conflict(
            f"{install.app} is {install.status.value}",
            where=install.id,
            code="install-not-active",
            next_step=f"interlock install show {install.id}",
        )


def refuse_moving(install: Install, to: str = "") -> None:
    """Refuse to change an install that is being upgraded to another version than `to`.

    Raises:
        Conflict: it is.
    """
    if install.moving is not None and install.moving.to != to:
        raise Conflict(
            f"{install.app} is being switched to {install.moving.to}",
            where=install.id,
            code="install-moving",
            next_step=f"interlock install show {install.id}",
        )


def begin(context: InstallContext, machine: str, install: Install, order: dict[str, Json]) -> None:
    """Start a workflow of the platform for an install."""
    fields = {"tenant": install.tenant, "install": install.id} | order
    step_functions.start(machine, f"{install.id}-{names.ulid()}", fields)


def set_timer(context: InstallContext, tenant: str, install: str, kind: Kind, minutes: float = RESUME_MINUTES) -> None:
    """Set a timer, after which maintenance handles an install.

    A change is reminded of before its first write: whoever makes it may be gone before the workflow begins.
    """
    at = now(timedelta(minutes=minutes))
    context.agenda.put(Timer(kind=kind, tenant=tenant, install=install, at=at))
