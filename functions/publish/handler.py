"""The tasks of `statemachines/publish`."""

from functools import cache
from typing import Any

from functions.tasks import cause
from functions.telemetry import observed
from interlock.aws.tables.registry import Registry
from interlock.contract.core.base import Json
from interlock.contract.core.settings import PublishSettings
from interlock.control.publishing import publish, review, trial
from interlock.control.publishing.context import PublishContext, Upload


@cache
def publisher() -> PublishContext:
    """What publishing works with, once in a process."""
    settings = PublishSettings.read()
    return PublishContext(registry=Registry(settings.registry_table), settings=settings)


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Json]:
    """One task of the machine."""
    upload = Upload.model_validate(event["upload"])
    match event["task"]:
        case "inspect":
            return publish.inspect(upload, publisher())
        case "deploy":
            return publish.deploy(upload, publisher())
        case "look":
            return publish.look(upload, publisher())
        case "trial":
            return trial.try_version(upload, publisher())
        case "assess":
            return review.assess(upload, publisher())
        case "certify":
            return publish.certify(upload, publisher())
        case "reject":
            return publish.reject(upload, publisher(), cause(event["upload"].get("error", {})))
        case task:
            raise ValueError(f"no task {task}")
