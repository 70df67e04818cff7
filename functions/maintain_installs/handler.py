"""The clock of the installs."""

from typing import Any

from functions import contexts
from functions.clocks import run_clock
from functions.telemetry import observed
from functions.tracing import traced
from interlock.contract.core.base import Json, now
from interlock.control.installs.maintenance import maintain_installs


@traced
@observed
def handler(_event: dict[str, Any], context: Any) -> Json:
    """Look at what is due."""
    return run_clock(context, lambda in_time: maintain_installs(contexts.installs(), now(), in_time))
