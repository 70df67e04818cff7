"""The code of a recorded step on this machine: bundles by digest, unpacked, always checked."""

import hashlib
import zlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from interlock.compiler.archive import Bundle, read_archive
from interlock.contract.core.failure import Conflict, Failure, NotFound, Rejected
from interlock.contract.core.names import Artifact
from interlock.contract.manifest import MANIFEST, Manifest, parse
from interlock.contract.own_code import VENDOR
from interlock.local.home import write_whole

FOLDER = "bundles"


def fetch_code(home: Path, digest: str, fetch: Callable[[], bytes], trusted: Collection[str] = ()) -> Path:
    """The unpacked bundle of a digest.

    Args:
        home: the home folder; bundles are kept below it, by digest.
        digest: sha256 of the zip that ran.
        fetch: answers the zip where it is not kept yet.
        trusted: digests that a person trusts: a zip of one of them is taken in place of the one that ran.

    Returns:
        The folder with the bundle's files, each the same as in the zip.

    Raises:
        Conflict: the zip's digest is another one.
        Failure: it is no bundle.
    """
    place = home.resolve() / FOLDER / digest
    path = place / Artifact.BUNDLE
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != digest:
        data = fetch()
        actual = hashlib.sha256(data).hexdigest()
        if actual != digest:
            if actual not in trusted:
                raise Conflict(
                    f"the digest of the bundle is {actual}, and that of the code that ran is {digest}",
                    where=str(path),
                    code="bundle-digest",
                    next_step=f"The debugger did not start. Use the bundle nevertheless: --trust-bundle {actual}",
                )
            place = home.resolve() / FOLDER / actual
            path = place / Artifact.BUNDLE
        place.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    bundle = read_archive(data)
    if not isinstance(bundle, Bundle):
        raise Failure(
            f"the bundle can't be read: {bundle[0].what}",
            where=str(path),
            code="bundle-broken",
            next_step="Use your own folder: --source DIR",
        )
    return _unpacked(place / "code", bundle.files)


def _unpacked(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Make the folder hold exactly these files; what is the same stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).as_posix()
        if path.is_symlink() or (path.is_file() and inside not in files and path.suffix != ".pyc"):
            path.unlink()
    for name, content in files.items():
        path = folder / name
        if not _same(path, content, deep=not name.startswith(VENDOR)):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
    return folder


def _same(path: Path, content: bytes, *, deep: bool) -> bool:
    """Of vendored dependencies the size alone: there may be thousands of files, and nobody edits them."""
    try:
        if path.stat().st_size != len(content):
            return False
        return not deep or zlib.crc32(path.read_bytes()) == zlib.crc32(content)
    except OSError:
        return False


def handler_of(root: Path, step: str) -> str:
    """The handler of a step by the manifest of the code itself: a file that came along may name any function.

    Raises:
        NotFound: the folder has no manifest, or the manifest does not have the step.
        Rejected: the manifest has errors.
    """
    path = root / MANIFEST
    if not path.is_file():
        step_text = "Name the app's folder: --source DIR"
        raise NotFound(f"the folder {root} has no {MANIFEST}", where="--source", next_step=step_text)
    manifest = parse(path.read_text(encoding="utf-8", errors="replace"))
    if not isinstance(manifest, Manifest):
        raise Rejected("the manifest has errors", list(manifest), where=str(path))
    if step not in manifest.steps:
        known = ", ".join(manifest.steps) or "none"
        raise NotFound(
            f"the code has no step {step!r}", where=str(path), code="unknown-step", next_step=f"Its steps: {known}."
        )
    return manifest.steps[step].handler


def differing(source: Path, code: Path) -> tuple[str, ...]:
    """What of a working copy is not as in the bundle: changed files, and files of the bundle that it lacks.

    Raises:
        NotFound: there is no such folder.
    """
    if not source.is_dir():
        raise NotFound(f"folder {source} does not exist", where="--source", next_step="Name the app's folder.")
    rows: list[str] = []
    for path in sorted(code.rglob("*")):
        inside = path.relative_to(code)
        if (
            path.is_dir()
            or inside.as_posix().startswith(VENDOR)
            or path.suffix == ".pyc"
            or inside.name.startswith(".")
        ):
            continue
        own = source / inside
        if not own.is_file():
            rows.append(f"{inside} (not there)")
        elif own.read_bytes() != path.read_bytes():
            rows.append(str(inside))
    return tuple(rows)
