"""An upload's arrival starts the publish machine, once for each VersionId."""

import hashlib

from interlock.aws.services import artifacts, step_functions
from interlock.contract.core.failure import Conflict


def upload_arrived(machine: str, bucket: str, key: str, object_version: str) -> str:
    """Start the publish machine for one version of one object; the execution's name."""
    version = object_version or artifacts.newest_version(bucket, key)
    name = hashlib.sha256(f"{key}\n{version}".encode()).hexdigest()[:40]
    try:
        step_functions.start(machine, name, {"key": key, "object_version": version})
    except Conflict:
        return name
    return name
