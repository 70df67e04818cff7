"""Runs recorded steps of a folder's code one after the other, dry: `python -m interlock.local.debug.steps BATCH`.

For `interlock run verify --source`: no debugger, and one process for all steps of a run. Each answer is a line of the
outcome's file as soon as it is there, so that a step that ends the process loses its own answer only.
"""

import os
import sys
from pathlib import Path

from pydantic import Field

from interlock.contract.core.base import Document
from interlock.contract.envelope import StepRequest
from interlock.local.debug.child import enter
from interlock.local.debug.recorded import RecordedBackend
from interlock.sdk.runtime import run


class Batch(Document):
    """What the child shall run."""

    root: str
    requests: tuple[StepRequest, ...]
    secrets: dict[str, str | None] = Field(default_factory=dict, repr=False)
    outcome: str


def main() -> None:
    """Run the batch that the file names; the file is gone once it was read."""
    path = Path(sys.argv[1])
    batch = Batch.model_validate_json(path.read_bytes())
    path.unlink()
    enter(batch.root)
    with Path(batch.outcome).open("w") as stream:
        for request in batch.requests:
            answer = run(request, None, RecordedBackend(request.journal, batch.secrets))
            stream.write(answer.model_dump_json() + "\n")
            stream.flush()
    # Threads that a step left behind would keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
