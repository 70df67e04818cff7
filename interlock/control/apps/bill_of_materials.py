"""What is known of a version beside its item."""

from typing import Any

from interlock.aws.services import artifacts
from interlock.aws.tables.registry import Registry
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict
from interlock.contract.core.names import Artifact
from interlock.contract.member import Caller
from interlock.control.apps.listing import version_of_app


def bill_of_version(registry: Registry, bucket: str, caller: Caller, app: str, version: str) -> dict[str, Any]:
    """A version's bill of materials, in CycloneDX.

    Raises:
        NotFound: no such version, or it was published before there were bills.
        Conflict: it has not been inspected.
    """
    current = version_of_app(registry, caller, app, version)
    if current.manifest is None:
        step = f"interlock app versions {app}"
        raise Conflict(f"version {version} was not inspected yet", where=app, code="version-not-listed", next_step=step)
    return dict(artifacts.read_json(bucket, names.artifact_prefix(app, version, current.digest) + Artifact.SBOM))
