"""The file of an exported run: the names of its members, its manifest, and where the platform wrote one."""

from typing import Literal

from pydantic import Field

from interlock.contract.core.base import Document, Moment
from interlock.contract.core.names import Artifact
from interlock.contract.debug_step import Proof

MANIFEST, RUN, STEPS = "manifest.json", "run.json", "steps.jsonl"
WORKFLOW, GRAPH, BUNDLE = "workflow.asl.json", "graph.json", Artifact.BUNDLE.value
FORMAT = 1


class Removed(Document):
    """One value that redaction took out of an export."""

    record: str
    """`run`, or the place and attempt of a step: `STATE[INDEX]#ATTEMPT`, from 0."""
    path: str
    """A JSON pointer into the run or the record."""
    rule: str
    """`type` (the step's), `rule PATTERN` (the manifest's or the tenant's), `name`, `shape`, or `value`: it is
    sensitive elsewhere in the run."""


class ExportManifest(Document):
    """`manifest.json` of an exported run."""

    format: Literal[1] = FORMAT
    run: str
    whole: bool = False
    """Nothing was redacted."""
    code: str = ""
    """The digest of the app's bundle."""
    handlers: dict[str, str] = Field(default_factory=dict)
    """The handler of each step, for readers. A debugger takes it from the manifest of the code that it runs."""
    proof: Proof | None = None
    """That a platform certified the code; None for a version from before platforms signed."""
    granted: tuple[str, ...] = ()
    members: dict[str, str] = Field(default_factory=dict)
    """sha256 of every other member."""
    removed: tuple[Removed, ...] = ()

    @property
    def words(self) -> str:
        """What became of sensitive values, in words."""
        return "nothing is redacted" if self.whole else f"{len(self.removed)} values were taken out"


class RunExport(Document):
    """An exported run that the platform wrote, and where to fetch the file."""

    run: str
    name: str
    """The file's name, for whoever saves it."""
    url: str = Field(repr=False)
    until: Moment
    """The URL answers until then. Export the run again for a new one: the same run gives the same bytes."""
    bytes: int
    digest: str
    """sha256 of the file."""
    steps: int
    """The records in it."""
    removed: int
    """How many values redaction took out; the file lists them."""
