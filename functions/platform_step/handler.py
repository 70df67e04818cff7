"""The platform's own steps: the gate invokes it as it invokes a publisher's function."""

from typing import Any

from functions.telemetry import observed
from interlock.contract.core.base import Json
from interlock.contract.core.settings import PlatformStepSettings
from interlock.contract.envelope import StepRequest
from interlock.control.platform_steps import perform
from interlock.sdk.log import install_formatter
from interlock.sdk.runtime import answer_json


@observed
def handler(event: dict[str, Any], _context: Any) -> Json:
    """Perform a step; an error is an answer too."""
    install_formatter()
    return answer_json(perform(StepRequest.model_validate(event), loopback=PlatformStepSettings.read().loopback))
