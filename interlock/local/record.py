"""What a deployed local platform is called: written by `up`, read by the CLI and the tests."""

import os
from pathlib import Path

from pydantic import ValidationError

from interlock.contract.core.base import Document


class PlatformRecord(Document):
    """The outputs of the stacks, and of what they were made. The engine's keys are not in it."""

    stamp: str = ""
    """The digest of what was deployed; empty while a deployment is under way or after one that failed."""
    endpoint_url: str
    region: str
    account: str
    api_id: str = ""
    api_url: str = ""
    api_host: str = ""
    """The Host header by which the engine finds the API; its name does not resolve everywhere."""
    token_url: str = ""
    user_pool: str = ""
    runs_table: str = ""
    registry_table: str = ""
    artifact_bucket: str = ""
    data_bucket: str = ""
    start_queue: str = ""
    onboard_machine: str = ""
    gate: str = ""


def read_platform(path: Path) -> PlatformRecord | None:
    """The record, or None where there is none that can be read."""
    try:
        return PlatformRecord.model_validate_json(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValidationError):
        return None


def write_platform(path: Path, record: PlatformRecord) -> None:
    """Write the record so that it is never half there and never readable by others."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(record.model_dump_json(indent=1))
        # Before it takes the old one's place: after a power loss it is the one or the other.
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
