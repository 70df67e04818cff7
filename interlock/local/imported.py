"""Runs that came here in a file: shown, compared and debugged with no platform running."""

from pathlib import Path
from typing import Literal

from interlock.contract.base import Document, Json
from interlock.contract.failure import NotFound
from interlock.contract.run import Run, StepRecord

FOLDER = "imported"
MANIFEST = "manifest.json"
FORMAT = 1


class Removed(Document):
    """One value that redaction took out of an export."""

    record: str
    """`run`, or the place and attempt of a step: `STATE[INDEX]#ATTEMPT`."""
    path: str
    """A JSON pointer into the run or the record."""
    rule: str
    """`step type`, `manifest PATTERN`, `tenant PATTERN`, `name`, `shape` or `value`."""


class ExportManifest(Document):
    """`manifest.json` of an exported run."""

    format: Literal[1] = FORMAT
    run: str
    exported: str
    whole: bool = False
    """Nothing was redacted."""
    code: str = ""
    """The digest of the app's bundle."""
    handlers: dict[str, str] = {}
    """The handler of each step."""
    granted: tuple[str, ...] = ()
    members: dict[str, str] = {}
    """sha256 of every other member."""
    removed: tuple[Removed, ...] = ()


class ImportedRun(Document):
    """An imported run: everything that the file holds."""

    folder: Path
    manifest: ExportManifest
    run: Run
    steps: tuple[StepRecord, ...]
    """With bodies and effects in place."""

    @property
    def definition(self) -> Json:
        """The workflow's definition as it was compiled, or None."""
        path = self.folder / "workflow.asl.json"
        import json

        return json.loads(path.read_text()) if path.exists() else None

    def bundle(self) -> bytes:
        """The app's bundle.

        Raises:
            NotFound: the file was made without code.
        """
        path = self.folder / "bundle.zip"
        if not path.exists():
            raise NotFound(
                "the file has no code",
                where=self.run.id,
                code="no-code",
                next_step="Export it --with-code, or say --source DIR.",
            )
        return path.read_bytes()


def find_imported(home: Path, run: str) -> ImportedRun | None:
    """An imported run by its id; None where no such run was imported."""
    folder = home / FOLDER / run
    if not run.isalnum() or not (folder / MANIFEST).is_file():
        return None
    lines = (folder / "steps.jsonl").read_text().splitlines()
    return ImportedRun(
        folder=folder,
        manifest=ExportManifest.model_validate_json((folder / MANIFEST).read_text()),
        run=Run.model_validate_json((folder / "run.json").read_text()),
        steps=tuple(StepRecord.model_validate_json(line) for line in lines),
    )
