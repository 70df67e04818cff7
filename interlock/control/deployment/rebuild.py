"""After an import: what the registry names is made again in AWS. Each part looks first at what is there.

tenants    the stack of each active tenant, by the workflow that onboards
versions   the stack of each listed version, from its artifacts, signed by this deployment's key
installs   the rules and schedules of each active install
webhooks   the rules of each active webhook
A part that fails is named and does not hold up the others; the import is repeated after its cause is gone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from pydantic import BaseModel

from interlock.aws.services import functions, secrets, stacks, step_functions
from interlock.aws.tables.raw_items import key_of
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure, Unavailable
from interlock.contract.registry import Install, InstallStatus, Tenant, Version
from interlock.contract.webhook import Webhook, WebhookStatus, secret_name
from interlock.control.deployment.archive import Archive
from interlock.control.deployment.export import DeploymentContext, Progress, kind_of
from interlock.control.tenants.onboard import ACTIVE
from interlock.control.webhooks.subscriptions import route_webhook

AT_ONCE = 8
"""Stacks that are made side by side: publishing itself stays below Lambda's 15 and Step Functions' one call a second
(docs/limits.md), and a stack makes several of each."""
LOOK_SECONDS = 2.0
Doc = TypeVar("Doc", bound=BaseModel)


@dataclass
class Rebuilt:
    """What was made again, and what was not."""

    tenants: int = 0
    versions: int = 0
    installs: int = 0
    webhooks: int = 0
    problems: list[str] = field(default_factory=list[str])
    secrets: list[str] = field(default_factory=list[str])
    """Names of secrets that installs and webhooks have, and whose values are not there."""


@dataclass(frozen=True)
class _Stack:
    name: str
    begin: Callable[[], object]


def rebuild(context: DeploymentContext, archive: Archive, progress: Progress, wait: Callable[[float], None]) -> Rebuilt:
    """Make what the export's registry names again.

    Args:
        context: the deployment, whose registry has the export's items.
        archive: the export.
        progress: gets a line from time to time.
        wait: waits so many seconds.
    """
    result = Rebuilt()
    tenants = [row for row in _documents(archive, "tenants", Tenant) if row.status == ACTIVE]
    result.tenants = _make([_tenant(context, row.id) for row in tenants], result, wait)
    progress(f"{result.tenants} tenants have their stacks")
    versions = [row for row in _documents(archive, "versions", Version) if row.listed]
    result.versions = _make([_version(row) for row in versions], result, wait)
    progress(f"{result.versions} versions have their stacks")
    for install in _documents(archive, "installs", Install):
        if install.status is InstallStatus.ACTIVE:
            result.installs += _tried(f"install {install.id}", partial(_route, install), result)
            prefix = names.secrets_prefix(install.tenant, install.id)
            _note_absent([prefix + name for name in install.secrets], result)
    progress(f"{result.installs} installs are routed")
    for webhook in _documents(archive, "webhooks", Webhook):
        if webhook.status is WebhookStatus.ACTIVE:
            queue = f"{context.arns('sqs')}:{names.WEBHOOK_DELIVERIES}"
            result.webhooks += _tried(f"webhook {webhook.id}", partial(route_webhook, webhook, queue), result)
            _note_absent([secret_name(webhook.tenant, webhook.id)], result)
    return result


def _documents(archive: Archive, kind: str, model: type[Doc]) -> Iterator[Doc]:
    rows = (row for row in archive.items() if kind_of(key_of(row)) == kind)
    yield from (model.model_validate_json(str(row["doc"]["S"])) for row in rows)


def _tenant(context: DeploymentContext, tenant: str) -> _Stack:
    def begin() -> object:
        name = f"{tenant}-{names.ulid()}"
        return step_functions.start(context.onboard_machine, name, {"tenant": tenant})

    return _Stack(names.tenant_stack(tenant), begin)


def _version(version: Version) -> _Stack:
    event: dict[str, Json] = {"task": "restore", "app": version.app, "version": version.version}
    name = names.version_stack(version.app, version.version)

    def begin() -> None:
        if functions.run_task(names.PUBLISH_FUNCTION, event) == {"begun": False}:
            raise Unavailable("the stack of an earlier try is being deleted; repeat the import in some minutes")

    return _Stack(name, begin)


def _route(install: Install) -> None:
    event: dict[str, Json] = {"task": "route", "tenant": install.tenant, "install": install.id}
    functions.run_task(names.LIFECYCLE_FUNCTION, event)


def _make(wanted: Sequence[_Stack], result: Rebuilt, wait: Callable[[float], None]) -> int:
    """Make stacks, AT_ONCE side by side; how many are there in the end."""
    return sum(_make_some(wanted[at : at + AT_ONCE], result, wait) for at in range(0, len(wanted), AT_ONCE))


def _make_some(wanted: Sequence[_Stack], result: Rebuilt, wait: Callable[[float], None]) -> int:
    absent = [stack for stack in wanted if stacks.progress_of(stack.name) != "done"]
    left = {stack.name: False for stack in absent if _tried(stack.name, stack.begin, result)}
    # By whether it was seen: a workflow begins its stack a moment later.
    done, waited = len(wanted) - len(absent), 0.0
    while left and waited < limits.STACK_SECONDS:
        wait(LOOK_SECONDS)
        waited += LOOK_SECONDS
        for name, seen in list(left.items()):
            match stacks.progress_of(name):
                case "done":
                    done += 1
                    del left[name]
                case "failed":
                    result.problems.append(f"{name}: the stack failed; see its events in CloudFormation")
                    del left[name]
                case "absent" if seen:
                    result.problems.append(
                        f"{name}: the stack failed and was deleted; see its events in CloudFormation"
                    )
                    del left[name]
                case "going":
                    left[name] = True
                case "absent":
                    continue
    result.problems += [f"{name}: the stack was not ready in {limits.STACK_SECONDS} s" for name in left]
    return done


def _tried(what: str, call: Callable[[], object], result: Rebuilt) -> bool:
    try:
        call()
    except Failure as error:
        result.problems.append(f"{what}: {error.what}")
        return False
    return True


def _note_absent(secret_names: Sequence[str], result: Rebuilt) -> None:
    result.secrets += [name for name in secret_names if not secrets.secret_exists(name)]
