"""The file of an exported run: made, and read again with every digest checked."""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from interlock.compiler.zip_layout import Refused, chunks_of, entries_of
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
    RUN_ID,
    STEPS,
    WORKFLOW,
    ExportManifest,
    ImportedRun,
    Removed,
    find_imported,
)

EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16
MEMBERS = {
    MANIFEST: 32 * limits.MIB,
    RUN: 64 * limits.MIB,
    STEPS: 256 * limits.MIB,
    WORKFLOW: limits.MIB,
    GRAPH: 64 * limits.MIB,
    BUNDLE: limits.BUNDLE_BYTES,
}
"""The most bytes of each member. Step Functions takes a definition of 1 MiB and keeps 25,000 events of a run, which
bound records and graph; what reads a file holds it in memory."""
REQUIRED = (MANIFEST, RUN, STEPS, WORKFLOW)
MAX_BYTES = 320 * limits.MIB
"""Of all members."""
MAX_FILE_BYTES = MAX_BYTES
MAX_RATIO = 100
FREE_BYTES = limits.MIB
"""A member that unpacks to less may grow as it likes; a larger one that would grow more than MAX_RATIO is stored."""
COMMENT_CHARS = 64
"""sha256 of the manifest, in hex."""
SHOWN_CHARS = 80


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

    Raises:
        TooLarge: it would be more than an import takes.
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
    _check_sizes({name: (len(data), len(data)) for name, data in members.items()})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in {MANIFEST: head, **members}.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr, info.compress_type, info.create_system = FILE_MODE, _method(data), 3
            archive.writestr(info, data)
        archive.comment = hashlib.sha256(head).hexdigest().encode()
    return buffer.getvalue(), manifest


def _method(data: bytes) -> int:
    """Deflated, but for what an import would take for a bomb."""
    grows = len(data) > FREE_BYTES and len(data) > len(zlib.compress(data, 6)) * MAX_RATIO
    return zipfile.ZIP_STORED if grows else zipfile.ZIP_DEFLATED


def _named(record: str, records: Sequence[StepRecord]) -> str:
    if not record.isdecimal():
        return record
    current = records[int(record)]
    return f"{place_of(current)}#{current.attempt}"


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
        raise _too_large("the file", MAX_FILE_BYTES)
    digest = data[-COMMENT_CHARS:]
    if data[-COMMENT_CHARS - 2 : -COMMENT_CHARS] != COMMENT_CHARS.to_bytes(2, "little"):
        raise _tampered("FILE", "is damaged, or is not an exported run: it does not end with a digest")
    try:
        entries = entries_of(data[: -COMMENT_CHARS - 2] + b"\0\0")
        _check_names([entry.name for entry in entries])
        _check_sizes({entry.name: (entry.packed, entry.size) for entry in entries})
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


def _check_sizes(sizes: Mapping[str, tuple[int, int]]) -> None:
    """Before anything is unpacked: each member, how much it grows, and all of them."""
    for name, (packed, size) in sizes.items():
        if size > MEMBERS[name]:
            raise _too_large(name, MEMBERS[name])
        if size > FREE_BYTES and size > packed * MAX_RATIO:
            raise TooLarge(
                f"{name} grows more than {MAX_RATIO} times when it is unpacked",
                where=name,
                next_step="Export the run again: interlock run export RUN",
            )
    if sum(size for _, size in sizes.values()) > MAX_BYTES:
        raise _too_large("all of its members", MAX_BYTES)


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


def _too_large(what: str, most: int) -> TooLarge:
    return TooLarge(
        f"an exported run is too large: {what} may have {most} bytes",
        where="FILE",
        code="export-too-large",
        next_step="Look at the run on its platform: interlock run show RUN",
    )


def _tampered(member: str, what: str) -> Conflict:
    return Conflict(
        f"{member} {what}",
        where=member,
        code="export-tampered",
        next_step="Export the run again, then import that file: interlock run export RUN",
    )
