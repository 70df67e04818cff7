"""The tasks of `statemachines/install`, `upgrade`, `uninstall` and `offboard`, and of the end of `publish`."""

from datetime import UTC, datetime
from typing import Any

from functions import contexts
from functions.tasks import cause, more_time
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json
from interlock.contract.core.settings import LifecycleSettings
from interlock.control.installs import install, rollout, uninstall, upgrade
from interlock.control.installs.begin_anew import begin_anew
from interlock.control.tenants import offboard


@traced
@observed
def handler(event: dict[str, Any], context: Any) -> Json:
    """One task of a machine."""
    task = str(event["task"])
    if task == "begin_anew":
        return begin_anew(str(event["machine"]), str(event["execution"]), dict(event["input"]))
    if "order" in event:
        return _switch(task, event)
    if "app" in event:
        return _app(task, event)
    if "install" in event:
        return _install(task, event, context)
    return _tenant(task, event, context)


def _app(task: str, event: dict[str, Any]) -> Json:
    app = str(event["app"])
    match task:
        case "begin_rollout":
            return rollout.begin_rollout(contexts.installs(), app)
        case "roll_out":
            return {"cursor": rollout.roll_out(contexts.installs(), app, event["cursor"] or None) or ""}
        case _:
            raise ValueError(f"no task {task}")


def _switch(task: str, event: dict[str, Any]) -> Json:
    order = upgrade.UpgradeOrder.model_validate(event["order"])
    match task:
        case "begin_upgrade":
            return {"moving": upgrade.begin_upgrade(contexts.installs(), order)}
        case "route_upgrade":
            return upgrade.route_upgrade(contexts.installs(), order)
        case "complete_upgrade":
            return upgrade.complete_upgrade(contexts.installs(), order)
        case "take_back_upgrade":
            return upgrade.take_back_upgrade(contexts.installs(), order, cause(event["error"]))
        case _:
            raise ValueError(f"no task {task}")


def _install(task: str, event: dict[str, Any], context: Any) -> Json:
    tenant, name = str(event["tenant"]), str(event["install"])
    match task:
        case "route":
            return install.route(contexts.installs(), tenant, name)
        case "activate":
            return install.activate(contexts.installs(), tenant, name)
        case "undo":
            return install.undo(contexts.installs(), tenant, name, cause(event["error"]))
        case "unroute":
            return uninstall.unroute(contexts.installs(), tenant, name)
        case "drain":
            return uninstall.drain(contexts.installs(), tenant, name)
        case "remove":
            return uninstall.remove(contexts.installs(), tenant, name)
        case "erase":
            return {"done": uninstall.erase(contexts.installs(), tenant, name, more_time(context))}
        case "receipt":
            return uninstall.receipt(contexts.installs(), tenant, name).model_dump(mode="json")
        case _:
            raise ValueError(f"no task {task}")


def _tenant(task: str, event: dict[str, Any], context: Any) -> Json:
    tenant = str(event["tenant"])
    match task:
        case "next_install":
            return {
                "done": offboard.next_install(contexts.installs(), tenant, more_time(context)),
                "wait": _wait(event),
            }
        case "drop_stack":
            return offboard.drop_stack(tenant)
        case "stack_gone":
            return {"done": offboard.stack_gone(tenant), "wait": _wait(event)}
        case "erase_tenant":
            return {"done": offboard.erase_tenant(contexts.installs(), tenant, more_time(context))}
        case "forget":
            return offboard.forget(contexts.installs(), tenant, LifecycleSettings.read().user_pool).model_dump(
                mode="json"
            )
        case _:
            raise ValueError(f"no task {task}")


def _wait(event: dict[str, Any]) -> int:
    """How long the workflow waits before it looks again, by how long it runs already."""
    return uninstall.next_look(datetime.now(UTC) - datetime.fromisoformat(str(event["since"])), 1)
