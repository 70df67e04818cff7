"""What of a bundle the platform is asked about before the bundle is published, and what it says."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from interlock.contract.core import limits
from interlock.contract.core.base import Document
from interlock.contract.core.finding import Finding
from interlock.contract.manifest_values import Egress


class CompiledWorkflow(Document):
    """A workflow as it would be deployed, and the file in which the app wrote it."""

    definition: dict[str, Any]
    file: Annotated[str, StringConstraints(min_length=1, max_length=limits.CHECK_PLACE_CHARS)]


class Library(Document):
    """A package that the bundle brings."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=limits.CHECK_LIBRARY_CHARS)]
    version: Annotated[str, StringConstraints(min_length=1, max_length=limits.CHECK_LIBRARY_CHARS)]


class VersionCheck(Document):
    """A part of a bundle: a large one is asked about in several calls."""

    workflows: Annotated[tuple[CompiledWorkflow, ...], Field(max_length=limits.CHECK_WORKFLOWS)] = ()
    libraries: Annotated[tuple[Library, ...], Field(max_length=limits.CHECK_LIBRARIES)] = ()
    egress: Annotated[tuple[Egress, ...], Field(max_length=limits.CHECK_EGRESS)] = ()


class VersionCheckResult(Document):
    """What publishing would find of that part."""

    findings: tuple[Finding, ...] = ()
