"""The tasks of `statemachines/publish`."""

from typing import Any

from functions import contexts
from functions.tasks import cause
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json
from interlock.control.publishing import publish, review, trial
from interlock.control.publishing.context import Upload
from interlock.control.publishing.restore import restore_version


@traced
@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Json]:
    """One task of the machine; `restore` is asked for by `interlock deployment import`."""
    if event["task"] == "restore":
        return restore_version(str(event["app"]), str(event["version"]), contexts.publish())
    upload = Upload.model_validate(event["upload"])
    match event["task"]:
        case "inspect":
            return publish.inspect(upload, contexts.publish())
        case "deploy":
            return publish.deploy(upload, contexts.publish())
        case "look":
            return publish.look(upload, contexts.publish())
        case "trial":
            return trial.try_version(upload, contexts.publish())
        case "assess":
            return review.assess(upload, contexts.publish())
        case "certify":
            return publish.certify(upload, contexts.publish())
        case "list":
            return publish.list_version(upload, contexts.publish())
        case "reject":
            return publish.reject(upload, contexts.publish(), cause(event["upload"].get("error", {})))
        case task:
            raise ValueError(f"no task {task}")
