"""Step records for the debugger, which needs no store."""

from typing import Any

from interlock.contract.envelope import Frame, StepError
from interlock.contract.run import Body, RecordStatus, StepRecord

FRAME = Frame(file="pii/steps.py", line=7, function="classify")


def record(state: str = "A", at: int = 0, **more: Any) -> StepRecord:
    moment = f"2026-01-01T00:00:{at:02}Z"
    fields: dict[str, Any] = {
        "run": "r",
        "execution": "first",
        "state": state,
        "step": "classify",
        "entered": moment,
        "started": moment,
        "digest": "d",
        "status": RecordStatus.SUCCEEDED,
        "input": Body(value={}),
    }
    return StepRecord.model_validate(fields | more)


def failed(name: str, message: str = "why", **more: Any) -> StepRecord:
    error = StepError(name=name, type=name, message=message, frames=(Frame(file="a", line=1, function="f"), FRAME))
    return record(status=RecordStatus.FAILED, error=error, **more)
