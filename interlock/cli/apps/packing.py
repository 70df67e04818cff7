"""Packs an app's folder into a bundle: the same folder and lock give the same bytes."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from interlock.cli.apps.own_files import own_files
from interlock.cli.apps.vendoring import REQUIREMENTS, LastVendored, missing
from interlock.cli.terminal import render
from interlock.compiler.plan import TARGET_FILE
from interlock.contract.core.base import Model
from interlock.contract.core.failure import NotFound
from interlock.contract.manifest import MANIFEST, Target
from interlock.contract.own_code import LOCK, VENDOR

EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644 << 16
_METADATA = re.compile(rf"^{VENDOR}(?P<name>[^/]+)-(?P<version>[^-/]+)\.dist-info/METADATA$")
FIXED = ("annotated-types", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection")
"""What the SDK imports before the app's code: of these the platform's version runs, whatever the bundle pins."""
LARGE_BYTES, LARGE_FILES = 5_000_000, 1_000
"""A bundle above these is worth a word: every cold start of its steps unpacks it."""
LARGEST = 3
"""So many of its largest files are named."""


class Packed(Model):
    """A bundle in memory."""

    data: bytes
    files: int
    vendored: int
    outranked: tuple[str, ...] = ()
    """Pinned dependencies, `NAME VERSION`, in whose place the platform's version runs."""
    left_out: tuple[str, ...] = ()
    """Folders beside the manifest that no code of the app is in."""
    relocked: tuple[str, ...] = ()
    """Requirements that the lock lacked, for which it was made anew."""
    largest: tuple[str, ...] = ()
    """The largest files with their sizes, where the bundle is large."""


def pack(folder: Path, target: Target, last: LastVendored | None = None) -> Packed:
    """The bundle of an app's folder for a target.

    Args:
        folder: the app's.
        target: the Python that the platform runs.
        last: what an earlier call vendored, to use it again where nothing of it has changed.

    Raises:
        NotFound: the folder holds no interlock.toml.
        BadRequest: a link leads out of the folder.
        Failure: a dependency could not be vendored.
    """
    folder = folder.resolve()
    if not (folder / MANIFEST).is_file():
        raise NotFound(f"the folder {folder} has no {MANIFEST}", where=str(folder), next_step="interlock app init NAME")
    own = own_files(folder)
    files = {path: place.read_bytes() for path, place in own.files.items()}
    relocked = missing(folder) if (folder / LOCK).is_file() else ()
    files[TARGET_FILE] = json.dumps(target.model_dump(), sort_keys=True).encode()
    dependencies = (last or LastVendored()).of(folder, target)
    # What the app has under the name of a dependency is its own, as it is where the app is developed.
    files = {**dependencies, **files}
    if (folder / LOCK).is_file():
        files[LOCK] = (folder / LOCK).read_bytes()
    data = zip_files(files)
    large = len(data) > LARGE_BYTES or len(files) > LARGE_FILES
    return Packed(
        data=data,
        files=len(own.files),
        vendored=len(dependencies),
        outranked=tuple(_outranked(files)),
        left_out=own.left_out,
        relocked=relocked,
        largest=_largest(files) if large else (),
    )


def note_packing(packed: Packed) -> None:
    """Print, beside what a command answers, what whoever packs should know of the bundle."""
    for text in _notes(packed):
        render.note(text, "yellow")


def _notes(packed: Packed) -> Iterator[str]:
    for dependency in packed.outranked:
        what = f"The bundle pins {dependency}, and it can't win: the platform's SDK imports its own version first."
        yield f"{what} Pin the version that the platform has, or leave it out."
    for name in packed.left_out:
        yield f"{name} is not packed, because no code of the app imports from it and the manifest names no file in it."
    if packed.relocked:
        yield f"{LOCK} is made anew, because {REQUIREMENTS} asks for what it lacked: {', '.join(packed.relocked)}."
    if packed.largest:
        size = f"{len(packed.data) / 1_000_000:.1f} MB in {packed.files + packed.vendored + 1:,} files"
        yield f"The bundle has {size}, which makes each cold start longer. The largest are {', '.join(packed.largest)}."


def _largest(files: Mapping[str, bytes]) -> tuple[str, ...]:
    rows = sorted(files.items(), key=lambda row: (-len(row[1]), row[0]))[:LARGEST]
    return tuple(f"{path} ({len(content) / 1_000_000:.1f} MB)" for path, content in rows)


def _outranked(files: Iterable[str]) -> Iterator[str]:
    """Dependencies of another version than the one that the SDK brings."""
    for path in files:
        match = _METADATA.match(path)
        name = match["name"].replace("_", "-").lower() if match else ""
        if match and name in FIXED and match["version"] != version(name):
            yield f"{name} {match['version']}"


def zip_files(files: dict[str, bytes]) -> bytes:
    """A bundle's zip of these files, as the platform itself would write it (compiler.canonical_zip)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.external_attr = FILE_MODE
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, files[name])
    return buffer.getvalue()
