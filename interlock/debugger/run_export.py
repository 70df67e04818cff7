"""The file of an exported run, as it is written: every member with its digest, and nothing that an import refuses."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import TooLarge
from interlock.contract.run import Run, StepRecord
from interlock.contract.run_export import BUNDLE, GRAPH, MANIFEST, RUN, STEPS, WORKFLOW, ExportManifest, Removed
from interlock.debugger.choose import place_of
from interlock.debugger.redaction import Redacted, Rules, learned, redact_run
from interlock.debugger.timeline import TimelineRow

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
MAX_BYTES = 320 * limits.MIB
"""Of all members."""
MAX_FILE_BYTES = MAX_BYTES
MAX_RATIO = 100
FREE_BYTES = limits.MIB
"""A member that unpacks to less may grow as it likes; a larger one that would grow more than MAX_RATIO is stored."""


@dataclass(frozen=True)
class ExportSource:
    """What an export is written from.

    Attributes:
        run: the run, its input and output in place.
        records: its records, bodies and effects in place.
        definition: the workflow's.
        graph: every state that the run entered.
        bundle: the app's, to go along.
    """

    run: Run
    records: Sequence[StepRecord]
    definition: Json
    graph: Sequence[TimelineRow]
    bundle: bytes | None = None


def export_run(source: ExportSource, head: ExportManifest, rules: Rules = ()) -> tuple[bytes, ExportManifest]:
    """The bytes of a run's file and its manifest; redacted, unless the manifest says that it is whole.

    Raises:
        TooLarge: it would be more than an import takes.
    """
    run, records, definition = source.run, source.records, source.definition
    if head.whole:
        redacted = Redacted(run, tuple(records), ())
    else:
        redacted = redact_run(run, records, rules)
        definition = learned(run, records, rules).data(definition, by_name=True)
    return export_file(redacted, definition, source.graph, head, source.bundle)


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
    check_sizes({name: (len(data), len(data)) for name, data in members.items()})
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


def check_sizes(sizes: Mapping[str, tuple[int, int]]) -> None:
    """Before anything is unpacked: each member, how much it grows, and all of them."""
    for name, (packed, size) in sizes.items():
        if size > MEMBERS[name]:
            raise too_large(name, MEMBERS[name])
        if size > FREE_BYTES and size > packed * MAX_RATIO:
            raise TooLarge(
                f"{name} grows more than {MAX_RATIO} times when it is unpacked",
                where=name,
                next_step="Export the run again: interlock run export RUN",
            )
    if sum(size for _, size in sizes.values()) > MAX_BYTES:
        raise too_large("all of its members", MAX_BYTES)


def too_large(what: str, most: int) -> TooLarge:
    """The refusal of a file that has more bytes than an import takes."""
    return TooLarge(
        f"an exported run is too large: {what} may have {most} bytes",
        where="FILE",
        code="export-too-large",
        next_step="Look at the run on its platform: interlock run show RUN",
    )
