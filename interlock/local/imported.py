"""Runs that came here in a file: shown, compared and debugged with no platform running."""

import json
import re
from pathlib import Path

from interlock.contract.core.base import Document, Json
from interlock.contract.core.failure import NotFound
from interlock.contract.run import Run, StepRecord
from interlock.contract.run_export import BUNDLE, GRAPH, MANIFEST, RUN, STEPS, WORKFLOW, ExportManifest
from interlock.debugger.timeline import TimelineRow

FOLDER = "imported"
PREFIX = "imported:"
"""Before the id of an imported run, where a command takes a run: an id alone is always a run of the platform."""
RUN_ID = re.compile(r"[0-9A-Za-z]{1,64}")
"""It names a folder here; `names.run_id` makes 20 lower-case characters."""


class ImportedRun(Document):
    """An imported run: everything that the file holds."""

    folder: Path
    manifest: ExportManifest
    run: Run
    steps: tuple[StepRecord, ...]
    """With bodies and effects in place."""

    @property
    def name(self) -> str:
        """What commands call it: the id alone is a run of the platform."""
        return f"{PREFIX}{self.run.id}"

    @property
    def definition(self) -> Json:
        """The workflow's definition as its publisher wrote it (or as the list of steps says)."""
        return json.loads((self.folder / WORKFLOW).read_text())

    @property
    def graph(self) -> tuple[TimelineRow, ...]:
        """Every state that the run entered; empty where its history was gone when it was exported."""
        path = self.folder / GRAPH
        rows: list[Json] = json.loads(path.read_text()) if path.exists() else []
        return tuple(TimelineRow.model_validate(row) for row in rows)

    def bundle(self) -> bytes:
        """The app's bundle.

        Raises:
            NotFound: the file was made without code.
        """
        path = self.folder / BUNDLE
        if not path.exists():
            raise NotFound(
                "the file does not contain the code of the app",
                where=self.name,
                code="no-code",
                next_step="Export the run with --with-code, or name your own folder: --source DIR",
            )
        return path.read_bytes()


def find_imported(home: Path, run: str) -> ImportedRun | None:
    """An imported run by its id; None where no such run was imported."""
    folder = home / FOLDER / run
    if not RUN_ID.fullmatch(run) or not (folder / MANIFEST).is_file():
        return None
    lines = (folder / STEPS).read_bytes().splitlines()
    return ImportedRun(
        folder=folder,
        manifest=ExportManifest.model_validate_json((folder / MANIFEST).read_text()),
        run=Run.model_validate_json((folder / RUN).read_text()),
        steps=tuple(StepRecord.model_validate_json(line) for line in lines),
    )
