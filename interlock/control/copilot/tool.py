"""What every tool of ours is made of, and for whom it works."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.copilot.answer import Answer, Arguments
from interlock.contract.copilot.tool import Hints
from interlock.contract.member import Caller
from interlock.control.access.authorize import is_permitted
from interlock.control.installs.views import ViewContext
from interlock.control.runs.requests import RunRequestContext

READ = Hints(read_only=True, idempotent=True)


@dataclass(frozen=True)
class Copilot:
    """For whom, where and with what the tools work."""

    caller: Caller
    tenant: str
    registry: Registry
    runs: Runs
    bucket: str
    artifacts: str
    queue: str
    gate: str

    @property
    def scope(self) -> str:
        """The tenant, as policies name it."""
        return f"tenant/{self.tenant}"

    @property
    def requests(self) -> RunRequestContext:
        """What requests of runs work with."""
        return RunRequestContext(
            runs=self.runs, registry=self.registry, queue=self.queue, bucket=self.bucket, artifacts=self.artifacts
        )

    @property
    def views(self) -> ViewContext:
        """What reading the views of apps works with."""
        return ViewContext(registry=self.registry, runs=self.runs, bucket=self.bucket, artifacts=self.artifacts)

    @property
    def catalog(self) -> Catalog:
        """The tenant's catalog."""
        return Catalog(self.tenant)

    @property
    def audit(self) -> AuditLog:
        """Where what the tools change is noted."""
        return AuditLog(self.registry.table.name)

    def permits(self, action: str) -> bool:
        """Whether the caller may do this here."""
        return is_permitted(self.caller, action, self.scope)


@dataclass(frozen=True)
class BuiltIn:
    """A tool of ours.

    Attributes:
        name: its name.
        title: for people.
        about: for the copilot.
        arguments: what it takes.
        answer: what it answers.
        action: what Cedar is asked about.
        run: the use case.
        hints: what it does to the world.
        starts: whether its answer is the receipt of a run that it started.
    """

    name: str
    title: str
    about: str
    arguments: type[Arguments]
    answer: type[Answer]
    action: str
    run: Callable[[Copilot, Any], Answer]
    hints: Hints = READ
    starts: bool = False
