"""The callback state of a paused Task calls it with the task token."""

from typing import Any

from functions.telemetry import observed
from interlock.aws.tables.runs import Runs
from interlock.contract.core.settings import PauseSettings
from interlock.contract.envelope import PauseRequest
from interlock.control.pauses.pauses import keep_pause


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, str]:
    """Keep the token with the pause that the gate wanted."""
    return {"pause": keep_pause(PauseRequest.model_validate(event), Runs(PauseSettings.read().runs_table))}
