"""What only the deployment knows of an app: known vulnerabilities, AWS's word on its workflows, its network.

Publishing asks with a bundle that it inspected, and `interlock app check` with what it compiled itself. Nothing is
stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from interlock.aws.services import artifacts
from interlock.compiler.advisories import Advisory, check_libraries
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Failure
from interlock.contract.core.finding import Finding
from interlock.contract.version_check import VersionCheck
from interlock.control.publishing.definitions import check_definitions
from interlock.control.publishing.network import check_network

_ADVISORIES = TypeAdapter(tuple[Advisory, ...])


@dataclass(frozen=True)
class CheckContext:
    """What a check works with: the bucket of artifacts, the functions that compiled workflows call, the network."""

    bucket: str
    gate_arn: str
    pause_arn: str
    network: bool


def check(part: VersionCheck, context: CheckContext) -> Iterator[Finding]:
    """The findings against a part of an app.

    Raises:
        Failure: the operator's file of advisories can't be read.
    """
    yield from check_definitions(part.workflows, context.gate_arn, context.pause_arn)
    yield from check_network(part.egress, is_on=context.network)
    if part.libraries:
        libraries = [library.model_dump() for library in part.libraries]
        yield from check_libraries({"components": libraries}, known_vulnerabilities(context.bucket))


def known_vulnerabilities(bucket: str) -> tuple[Advisory, ...]:
    """What the operator keeps of known vulnerabilities.

    Raises:
        Failure: the file is not a list of OSV entries, so nothing can be said of any library.
    """
    text = artifacts.read_optional(bucket, names.ADVISORIES, limits.ADVISORY_BYTES)
    try:
        return _ADVISORIES.validate_json(text) if text else ()
    except ValidationError as error:
        raise Failure(
            "the operator's file of advisories is not a JSON list of OSV entries",
            where=f"s3://{bucket}/{names.ADVISORIES}",
            next_step="Inform the operator: docs/aws.md.",
        ) from error
