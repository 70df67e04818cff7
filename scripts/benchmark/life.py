"""Installs in a crowd: install, upgrade, roll back, uninstall, with 10, 100 and 1,000 other installs and releases.

Times are through the API, from the request to the workflow's end, on the engine. Calls to AWS are counted in this
process, which does the tasks of the same workflows itself, against the same engine.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, NamedTuple

from functions import contexts
from functions.lifecycle import handler as lifecycle
from interlock.aws.clients import client
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict
from interlock.contract.core.limits import RELEASES
from interlock.contract.core.settings import LifecycleSettings
from interlock.contract.install import InstallRequest, UpgradeRequest
from interlock.contract.manifest import Manifest
from interlock.contract.registry import (
    Install,
    InstallStatus,
    Release,
    SpillPlan,
    StepPlan,
    Version,
    VersionStatus,
    WorkflowPlan,
)
from interlock.control.apps.listing import list_app
from interlock.control.apps.releases import add_release
from interlock.control.apps.signature import sign_version
from interlock.control.installs.install import request_install
from interlock.control.installs.uninstall import request_removal
from interlock.control.installs.upgrade import request_rollback, request_upgrade
from interlock.local.environment import talking_to
from scripts.benchmark.engine import Engine
from tests.support.sagas import walk

CROWDS = (10, 100, 1_000)
ROUNDS = 5
POLL_SECONDS = 0.01
AT = "2026-01-01T00:00:00.000Z"
APP = "bench/crowded"
SERVICES = ("dynamodb", "events", "scheduler", "secretsmanager", "stepfunctions", "s3")
FUNCTIONS = {"Function": lifecycle.handler}


class Cost(NamedTuple):
    """What one operation costs in one crowd."""

    calls: int
    milliseconds: float


Costs = dict[str, dict[int, Cost]]


def life_cost(engine: Engine) -> Costs:
    """Calls and median milliseconds of each operation, by the number of other installs."""
    costs: Costs = {}
    with talking_to(engine.platform.engine):
        with _lifecycle():
            registry = contexts.installs().registry
            there = 0
            _crowd(registry, 0, 0)
            # The tenant's first install finds nobody before it, and makes a call less.
            _calls()
            for crowd in CROWDS:
                _crowd(registry, there, crowd)
                there = crowd
                calls = _calls()
                times = _times(engine)
                for name, count in calls.items():
                    costs.setdefault(name, {})[crowd] = Cost(count, statistics.median(times[name]))
    return costs


def slope(costs: dict[int, Cost]) -> float:
    """Calls more for each install more, between the smallest and the largest crowd."""
    low, high = min(costs), max(costs)
    return (costs[high].calls - costs[low].calls) / (high - low)


@contextmanager
def _lifecycle() -> Generator[None]:
    """The settings of the deployed function; what it would begin leads nowhere."""
    configuration = client("lambda").get_function_configuration(FunctionName="interlock-lifecycle")
    variables: dict[str, str] = dict(configuration["Environment"]["Variables"])
    definition = '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}'
    role = f"arn:aws:iam::000000000000:role/{names.of_region('interlock-machines', 'us-east-1')}"
    noop = client("stepfunctions").create_state_machine(name="bench-nothing", definition=definition, roleArn=role)
    os.environ.update(
        {key: noop["stateMachineArn"] if key.endswith("_MACHINE") else word for key, word in variables.items()}
    )
    contexts.installs.cache_clear()
    yield


def _crowd(registry: Registry, there: int, wanted: int) -> None:
    """Other installs of the app, ten to a tenant, and as many releases as fit."""
    for number in range(there, wanted):
        install = Install(
            id=names.ulid(),
            tenant=f"crowd-{number // 10}",
            app=f"{APP}-{number % 10}" if number % 10 else APP,
            version="1.0.0",
            status=InstallStatus.ACTIVE,
            created=AT,
        )
        registry.write_install(Stored(item=install, rev=0))
    for version in ("1.0.0", "1.1.0"):
        try:
            sealed = sign_version(_version(version), LifecycleSettings.read().signing_key)
            registry.write_version(Stored(item=sealed, rev=0))
        except Conflict:
            continue
    older = [
        Release(version=f"0.{number}.0", status=VersionStatus.LISTED, listed=AT)
        for number in range(min(wanted, RELEASES - 2))
    ]
    registry.change_app(APP, lambda app: app.model_copy(update={"releases": tuple(older)}))
    for version in ("1.0.0", "1.1.0"):
        add_release(registry, _version(version))
    list_app(registry, APP)


def _version(version: str) -> Version:
    event = {"event": "guest.arrived"} if version == "1.0.0" else {"event": "guest.left"}
    raw: dict[str, Any] = {
        "app": {"id": APP, "version": version, "title": "Crowded", "category": "automation"},
        "permissions": {"state": True},
        "steps": {"one": {"handler": "m:one"}},
        "workflows": {"main": {"steps": ["one"], "triggers": [event, {"schedule": "rate(1 day)"}]}},
    }
    return Version(
        app=APP,
        version=version,
        status=VersionStatus.LISTED,
        digest="0" * 64,
        manifest=Manifest.model_validate(raw),
        steps={"one": StepPlan(handler="m:one", function="f", timeout_s=60)},
        workflows={"main": WorkflowPlan(name="main", machine="absent", spill=SpillPlan())},
        created=AT,
    )


REQUEST = InstallRequest(app=APP, version="1.0.0", grant=("state",))


def _calls() -> dict[str, int]:
    """How many calls to AWS each operation makes, request and tasks together."""
    life, tenant = contexts.installs(), "acme"
    counted: dict[str, int] = {}
    heard: list[str] = []

    def hear(model: Any, **_words: Any) -> None:
        heard.append(str(model.name))

    for service in SERVICES:
        client(service).meta.events.register("before-call.*.*", hear, unique_id="n")

    def count(name: str, act: Callable[[], Any]) -> Any:
        heard.clear()
        result = act()
        counted[name] = len(heard)
        return result

    def install() -> str:
        installed = request_install(life, tenant, REQUEST, "bench").id
        walk("install", {"tenant": tenant, "install": installed}, FUNCTIONS)
        return installed

    def upgrade() -> None:
        begun = request_upgrade(life, tenant, installed, UpgradeRequest(version="1.1.0"), "bench")
        walk("upgrade", subject | {"to": begun.to}, FUNCTIONS)

    def rollback() -> None:
        begun = request_rollback(life, tenant, installed, "bench")
        walk("upgrade", subject | {"to": begun.to, "kind": "rollback"}, FUNCTIONS)

    def uninstall() -> None:
        request_removal(life, tenant, installed)
        walk("uninstall", subject | {"part": "remove"}, FUNCTIONS)

    installed = count("install", install)
    subject = {"tenant": tenant, "install": installed}
    count("upgrade", upgrade)
    count("roll back", rollback)
    count("uninstall", uninstall)
    for service in SERVICES:
        client(service).meta.events.unregister("before-call.*.*", unique_id="n")
    return counted


def _times(engine: Engine) -> dict[str, list[float]]:
    """Milliseconds of each operation through the API, from the request until the item says that it is done."""
    took: dict[str, list[float]] = {}
    installs, tenant = engine.client.installs, engine.tenant

    def wait(name: str, install: str, begun: float, over: Callable[[Install], bool]) -> None:
        while not over(installs.get(tenant, install)):
            threading.Event().wait(POLL_SECONDS)
        took.setdefault(name, []).append((time.monotonic() - begun) * 1000)

    def at(version: str) -> Callable[[Install], bool]:
        return lambda row: row.version == version and row.moving is None

    for _ in range(ROUNDS):
        begun = time.monotonic()
        install = installs.create(tenant, REQUEST).id
        wait("install", install, begun, lambda row: row.status is InstallStatus.ACTIVE)
        begun = time.monotonic()
        installs.upgrade(tenant, install, UpgradeRequest(version="1.1.0"))
        wait("upgrade", install, begun, at("1.1.0"))
        begun = time.monotonic()
        installs.rollback(tenant, install)
        wait("roll back", install, begun, at("1.0.0"))
        begun = time.monotonic()
        installs.delete(tenant, install)
        wait("uninstall", install, begun, lambda row: row.status is InstallStatus.REMOVED)
    return took
