"""AWS for workflows of the platform whose tasks run in this process, and subjects for them."""

from __future__ import annotations

import os
from typing import Any

from functions import contexts
from functions.onboard import handler as onboard
from interlock.aws.clients import client
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.contract.core.settings import LifecycleSettings
from interlock.contract.manifest import Manifest
from interlock.contract.registry import SpillPlan, StepPlan, Version, VersionStatus, WorkflowPlan
from interlock.control.apps.releases import add_release
from interlock.control.apps.signature import sign_version
from interlock.control.installs.context import InstallContext
from interlock.control.tenants.onboard import begin_onboarding
from tests.support.local_roles import local_role
from tests.support.processes import forget_contexts
from tests.support.sagas import walk

AT = "2026-01-01T00:00:00.000Z"


class Ground:
    """An AWS that tasks of this process see, and a tenant for their subjects."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.number = 0

    def name(self, word: str) -> str:
        self.number += 1
        return f"{word}{self.number}"

    @property
    def life(self) -> InstallContext:
        return contexts.installs()

    @property
    def registry(self) -> Registry:
        return self.life.registry


class EngineGround(Ground):
    """The engine's AWS."""

    def __init__(self, tenant: str) -> None:
        super().__init__(tenant)
        self.noop = self._machine()

    def _machine(self) -> str:
        definition = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'
        role = local_role("interlock-machines")
        machine = client("stepfunctions").create_state_machine(name="crashes", definition=definition, roleArn=role)
        return str(machine["stateMachineArn"])

    def be(self, function: str, **more: str) -> None:
        """Take over a function's settings, so that its handler can run here; what it would begin, nobody does."""
        result = client("lambda").get_function_configuration(FunctionName=f"interlock-{function}")
        fields: dict[str, str] = dict(result["Environment"]["Variables"])
        for name in fields:
            if name.endswith("_MACHINE"):
                fields[name] = self.noop
        os.environ.update(fields | more)
        forget_contexts()


def onboarded(tenant: str) -> None:
    begin_onboarding(contexts.installs().registry, contexts.installs().machines.install, tenant, "")
    walk("onboard", {"tenant": tenant}, {"Function": onboard.handler})


def listed(registry: Registry, app: str, version: str, triggers: list[dict[str, Any]], scopes: dict[str, Any]) -> None:
    """A listed version whose stack nobody needs: no run is started."""
    raw: dict[str, Any] = {
        "app": {"id": app, "version": version, "title": "App", "category": "automation"},
        "permissions": {"secrets": ["key"], "state": True} | scopes,
        "steps": {"one": {"handler": "m:one"}},
        "workflows": {"main": {"steps": ["one"], "triggers": triggers}},
    }
    tool = app.partition("/")[2].replace("-", "_")
    result = Version(
        app=app,
        version=version,
        status=VersionStatus.LISTED,
        digest="0" * 64,
        manifest=Manifest.model_validate(raw),
        tool_schemas={tool: {"type": "object"}},
        steps={"one": StepPlan(handler="m:one", function="f", timeout_s=60)},
        workflows={"main": WorkflowPlan(name="main", machine="absent", spill=SpillPlan())},
        created=AT,
    )
    sealed = sign_version(result, LifecycleSettings.read().signing_key)
    registry.write_version(Stored(item=sealed, rev=0))
    add_release(registry, sealed)


def app_with_two_versions(ground: Ground) -> str:
    """An app; its second version has other triggers and asks for more."""
    name = ground.name("app")
    app = f"crashes/{name}"
    tool = {"tool": name, "input_schema": "t.json"}
    first = [{"event": "guest.arrived"}, {"schedule": "rate(1 day)"}, tool]
    second = [{"event": "guest.arrived"}, {"event": "guest.left"}, {"schedule": "rate(2 days)"}, tool]
    listed(ground.registry, app, "1.0.0", first, {})
    listed(ground.registry, app, "2.0.0", second, {"catalog": ["read"]})
    return app
