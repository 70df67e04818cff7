"""The file of an exported run, as it is read: every digest checked, and kept whole or not at all."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from interlock.compiler.zip_layout import Refused, chunks_of, entries_of
from interlock.contract import payload
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.core.validation import explain
from interlock.contract.run import Run, StepRecord
from interlock.contract.run_export import BUNDLE, GRAPH, MANIFEST, RUN, STEPS, WORKFLOW, ExportManifest
from interlock.debugger.run_export import MAX_FILE_BYTES, MEMBERS, check_sizes, too_large
from interlock.debugger.timeline import TimelineRow
from interlock.local.imported import FOLDER, RUN_ID, ImportedRun, find_imported

REQUIRED = (MANIFEST, RUN, STEPS, WORKFLOW)
COMMENT_CHARS = 64
"""sha256 of the manifest, in hex."""
SHOWN_CHARS = 80


def import_file(data: bytes, home: Path) -> ImportedRun:
    """Check a file and keep it below the home folder, whole or not at all.

    Raises:
        Conflict: a member is not what its digest says, is missing, or does not belong here.
        BadRequest: it is no exported run.
        TooLarge: the file, a member, or all of them exceed what an export may have.
    """
    members = _members(data)
    try:
        manifest = ExportManifest.model_validate_json(members[MANIFEST])
        _check_digests(manifest, members)
        run = Run.model_validate_json(members[RUN])
        records = [StepRecord.model_validate_json(line) for line in members[STEPS].splitlines()]
        _check_shapes(members)
        _check(manifest, run, records, members)
    # A RecursionError is JSON that nests too deeply: nothing that a run can hold (ASL's payloads are JSON of Lambda).
    except (ValidationError, ValueError, RecursionError) as error:
        fault = explain(error.errors())[1] if isinstance(error, ValidationError) else "a part of it is not JSON"
        raise BadRequest(
            f"the file is not an exported run: {fault}",
            where="FILE",
            code="not-an-export",
            next_step="Write one: interlock run export RUN",
        ) from error
    folder = home / FOLDER / run.id
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as draft:
        place = Path(draft) / run.id
        place.mkdir()
        for name, content in members.items():
            (place / name).write_bytes(content)
        shutil.rmtree(folder, ignore_errors=True)
        place.rename(folder)
    imported_run = find_imported(home, run.id)
    assert imported_run is not None
    return imported_run


def _members(data: bytes) -> dict[str, bytes]:
    """The members of a file, by the strict layout of zips; the digest of the manifest is the file's comment."""
    if len(data) > MAX_FILE_BYTES:
        raise too_large("the file", MAX_FILE_BYTES)
    digest = data[-COMMENT_CHARS:]
    if data[-COMMENT_CHARS - 2 : -COMMENT_CHARS] != COMMENT_CHARS.to_bytes(2, "little"):
        raise _tampered("FILE", "is damaged, or is not an exported run: it does not end with a digest")
    try:
        entries = entries_of(data[: -COMMENT_CHARS - 2] + b"\0\0")
        _check_names([entry.name for entry in entries])
        check_sizes({entry.name: (entry.packed, entry.size) for entry in entries})
        values = {entry.name: b"".join(chunks_of(data, entry)) for entry in entries}
    except Refused as error:
        place = error.finding.where if error.finding.where in MEMBERS else "FILE"
        raise _tampered(place, f"is damaged, or is not an exported run: {error.finding.what}") from error
    if hashlib.sha256(values[MANIFEST]).hexdigest().encode() != digest:
        raise _tampered(MANIFEST, "differs from its digest")
    return values


def _check_names(names: Sequence[str]) -> None:
    odd = next((name for name in names if name not in MEMBERS or names.count(name) > 1), None)
    if odd is not None:
        raise _tampered(odd[:SHOWN_CHARS], "does not belong here")
    missing = next((name for name in REQUIRED if name not in names), "")
    if missing:
        raise _tampered(missing, "is missing")


def _check_digests(manifest: ExportManifest, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        if name != MANIFEST and hashlib.sha256(content).hexdigest() != manifest.members.get(name):
            raise _tampered(name, "differs from its digest")
    missing = next((name for name in manifest.members if name not in members), "")
    if missing:
        raise _tampered(missing[:SHOWN_CHARS], "is missing")


def _check_shapes(members: Mapping[str, bytes]) -> None:
    if not isinstance(json.loads(members[WORKFLOW]), dict):
        raise _tampered(WORKFLOW, "is not a definition")
    if GRAPH in members:
        TypeAdapter(tuple[TimelineRow, ...]).validate_json(members[GRAPH])


def _check(manifest: ExportManifest, run: Run, records: Sequence[StepRecord], members: dict[str, bytes]) -> None:
    if run.id != manifest.run or not RUN_ID.fullmatch(run.id) or any(record.run != run.id for record in records):
        raise _tampered(RUN, "is another run")
    if BUNDLE in members and hashlib.sha256(members[BUNDLE]).hexdigest() != manifest.code:
        raise _tampered(BUNDLE, "is not the code that ran")
    if manifest.whole and any(payload.digest(record.input.value) != record.digest for record in records):
        raise _tampered(STEPS, "holds an input that differs from its digest")


def _tampered(member: str, what: str) -> Conflict:
    return Conflict(
        f"{member} {what}",
        where=member,
        code="export-tampered",
        next_step="Export the run again, then import that file: interlock run export RUN",
    )
