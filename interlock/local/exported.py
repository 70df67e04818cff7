"""The file of an exported run: made, and read again with every digest checked."""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from interlock.contract import payload
from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, Conflict, TooLarge
from interlock.contract.core.validation import explain
from interlock.contract.run import Run, StepRecord
from interlock.debugger.choose import place_of
from interlock.debugger.redaction import Redacted
from interlock.debugger.timeline import TimelineRow
from interlock.local.imported import (
    BUNDLE,
    FOLDER,
    GRAPH,
    MANIFEST,
    RUN,
    STEPS,
    WORKFLOW,
    ExportManifest,
    ImportedRun,
    Removed,
    find_imported,
)

EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16
MAX_MEMBER_BYTES = 512 * limits.MIB
MEMBERS = (MANIFEST, RUN, STEPS, WORKFLOW, GRAPH, BUNDLE)


def export_file(
    redacted: Redacted,
    definition: Json,
    graph: Sequence[TimelineRow],
    manifest: ExportManifest,
    bundle: bytes | None,
) -> tuple[bytes, ExportManifest]:
    """The bytes of the file: the same run under the same rules, the same bytes; and its manifest.

    Args:
        redacted: the run and its records as they shall be in the file, and what was taken out.
        definition: the workflow's.
        graph: every state that the run entered.
        manifest: without members and what was removed.
        bundle: the app's, to go along.
    """
    lines = (record.model_dump_json() + "\n" for record in redacted.records)
    members = {
        RUN: redacted.run.model_dump_json(indent=1).encode(),
        STEPS: "".join(lines).encode(),
        WORKFLOW: json.dumps(definition, indent=1, sort_keys=True, ensure_ascii=False).encode(),
    }
    rows = [row.model_dump(mode="json") for row in graph]
    members[GRAPH] = json.dumps(rows, indent=1, ensure_ascii=False).encode()
    members |= {} if bundle is None else {BUNDLE: bundle}
    removed = tuple(
        Removed(record=_named(row.record, redacted.records), path=row.path, rule=row.rule) for row in redacted.taken
    )
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(members.items())}
    manifest = manifest.model_copy(update={"members": digests, "removed": removed})
    head = manifest.model_dump_json(indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in {MANIFEST: head, **members}.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr, info.compress_type, info.create_system = FILE_MODE, zipfile.ZIP_DEFLATED, 3
            archive.writestr(info, data)
        archive.comment = hashlib.sha256(head).hexdigest().encode()
    return buffer.getvalue(), manifest


def _named(record: str, records: Sequence[StepRecord]) -> str:
    if not record.isdecimal():
        return record
    current = records[int(record)]
    return f"{place_of(current)}#{current.attempt}"


def import_file(data: bytes, home: Path) -> ImportedRun:
    """Check a file and keep it below the home folder.

    Raises:
        Conflict: a member is not what its digest says, is missing, or is none of ours.
        BadRequest: it is no exported run.
        TooLarge: a member is larger than 512 MB.
    """
    members = _members(data)
    try:
        manifest = ExportManifest.model_validate_json(members[MANIFEST])
        _check_digests(manifest, members)
        run = Run.model_validate_json(members[RUN])
        records = [StepRecord.model_validate_json(line) for line in members[STEPS].splitlines()]
        json.loads(members[WORKFLOW])
    except (ValidationError, ValueError) as error:
        fault = explain(error.errors())[1] if isinstance(error, ValidationError) else "a part of it is not JSON"
        raise BadRequest(
            f"the file is not an exported run: {fault}",
            where="FILE",
            code="not-an-export",
            next_step="Write one: interlock run export RUN",
        ) from error
    _check(manifest, run, records, members)
    folder = home / FOLDER / run.id
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    for name, content in members.items():
        (draft / name).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    imported_run = find_imported(home, run.id)
    assert imported_run is not None
    return imported_run


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [info.filename for info in archive.infolist()]
            odd = next((name for name in names if name not in MEMBERS or names.count(name) > 1), "")
            if odd:
                raise _tampered(odd, "does not belong here")
            missing = next((name for name in (MANIFEST, RUN, STEPS, WORKFLOW) if name not in names), "")
            if missing:
                raise _tampered(missing, "is missing")
            values = {name: _read(archive, name) for name in names}
            comment = archive.comment
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        what = f"the file is damaged, or is not an exported run: {error}"
        raise Conflict(
            what, where="FILE", code="export-tampered", next_step="Export the run again: interlock run export RUN"
        ) from error
    if hashlib.sha256(values[MANIFEST]).hexdigest().encode() != comment:
        raise _tampered(MANIFEST, "differs from its digest")
    return values


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as entry:
            content = entry.read(MAX_MEMBER_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise _tampered(name, f"can't be read ({error})") from error
    if len(content) > MAX_MEMBER_BYTES:
        raise TooLarge(
            f"{name} is larger than {MAX_MEMBER_BYTES} bytes",
            where="FILE",
            next_step="Export the run again: interlock run export RUN",
        )
    return content


def _check_digests(manifest: ExportManifest, members: dict[str, bytes]) -> None:
    for name, content in members.items():
        if name != MANIFEST and hashlib.sha256(content).hexdigest() != manifest.members.get(name):
            raise _tampered(name, "differs from its digest")
    missing = next((name for name in manifest.members if name not in members), "")
    if missing:
        raise _tampered(missing, "is missing")


def _check(manifest: ExportManifest, run: Run, records: Sequence[StepRecord], members: dict[str, bytes]) -> None:
    if run.id != manifest.run or not run.id.isalnum() or any(record.run != run.id for record in records):
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
