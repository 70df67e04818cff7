"""The folder of an exported deployment: written whole or not at all, and read only after every digest was checked."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from interlock.contract.core import limits
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.deployment_export import (
    ARTIFACTS,
    MANIFEST,
    OBJECTS,
    REGISTRY,
    USERS,
    DeploymentManifest,
    ExportedArtifact,
    ExportedFile,
    ExportedUser,
)
from interlock.contract.payload import canonical

CHUNK = limits.MIB
MAX_LINE = 4 * limits.MIB
"""An item has 400 KB at most; its JSON escapes some characters into six bytes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
MAX_MANIFEST = limits.MIB
AGAIN = "Export the deployment again: interlock deployment export DIR"
Item = dict[str, dict[str, Any]]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Archive:
    """An export whose digests were checked."""

    folder: Path
    manifest: DeploymentManifest

    @property
    def objects(self) -> Path:
        """Where the bytes of artifacts are, each under its sha256."""
        return self.folder / OBJECTS

    def items(self) -> Iterator[Item]:
        """The items of the registry."""
        return _rows(self.folder / REGISTRY, _item)

    def users(self) -> Iterator[ExportedUser]:
        """The people."""
        return _rows(self.folder / USERS, ExportedUser.model_validate_json)

    def artifacts(self) -> Iterator[ExportedArtifact]:
        """The objects of the artifact bucket."""
        return _rows(self.folder / ARTIFACTS, ExportedArtifact.model_validate_json)


@contextmanager
def draft_beside(folder: Path) -> Generator[Path]:
    """A folder beside the one that is wanted, which takes its name when the block ends well, and is gone otherwise.

    Raises:
        Conflict: there is something of that name already.
    """
    if folder.exists():
        raise Conflict(
            "there is a file or a folder of that name already",
            where=str(folder),
            code="export-exists",
            next_step="Name a folder that does not exist: interlock deployment export DIR",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (draft / OBJECTS).mkdir()
        yield draft
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_rows(path: Path, rows: Iterable[str]) -> ExportedFile:
    """Write lines of JSON; their number and the digest of the file."""
    digest, number = hashlib.sha256(), 0
    with path.open("wb") as file:
        for row in rows:
            line = row.encode() + b"\n"
            digest.update(line)
            file.write(line)
            number += 1
    return ExportedFile(sha256=digest.hexdigest(), rows=number)


def write_manifest(folder: Path, manifest: DeploymentManifest) -> DeploymentManifest:
    """Write the manifest with its own digest."""
    sealed = manifest.model_copy(update={"digest": _digest(manifest)})
    (folder / MANIFEST).write_text(sealed.model_dump_json(indent=1), encoding="utf-8")
    return sealed


def read_archive(folder: Path) -> Archive:
    """Check an export: the manifest, each file, each row and the bytes of each artifact.

    Raises:
        BadRequest: the folder is not an export of a deployment, or of another format.
        Conflict: a part of it is missing, or is not what was exported.
    """
    manifest = _manifest(folder)
    if _digest(manifest) != manifest.digest:
        raise _damaged(MANIFEST, "differs from its digest")
    for name in (REGISTRY, USERS, ARTIFACTS):
        listed = manifest.files.get(name)
        if listed is None or not (folder / name).is_file():
            raise _damaged(name, "is missing")
        if _sha256(folder / name) != listed.sha256:
            raise _damaged(name, "differs from its digest")
    archive = Archive(folder, manifest)
    numbers = {REGISTRY: _count(archive.items()), USERS: _count(archive.users()), ARTIFACTS: _checked_objects(archive)}
    for name, number in numbers.items():
        if number != manifest.files[name].rows:
            raise _damaged(name, "does not have the number of rows that the manifest names")
    return archive


def _manifest(folder: Path) -> DeploymentManifest:
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MAX_MANIFEST:
            raise _foreign(folder, f"{MANIFEST} is too large")
        return DeploymentManifest.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _foreign(folder, f"{MANIFEST} can't be read") from error
    except (ValidationError, ValueError, RecursionError) as error:
        raise _foreign(folder, f"{MANIFEST} is not one of an export, or of another format") from error


def _checked_objects(archive: Archive) -> int:
    number = 0
    for artifact in archive.artifacts():
        number += 1
        path = archive.objects / artifact.sha256
        if path.is_symlink() or not path.is_file():
            raise _damaged(artifact.key, "has no bytes in the export")
        if path.stat().st_size != artifact.bytes or _sha256(path) != artifact.sha256:
            raise _damaged(artifact.key, "differs from its digest")
    return number


def _count(rows: Iterator[object]) -> int:
    return sum(1 for _ in rows)


def _rows(path: Path, parse: Callable[[bytes], Row]) -> Iterator[Row]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            try:
                row = parse(line)
            except (ValueError, RecursionError) as error:
                raise _damaged(path.name, f"has a line that is not a row of an export: line {number}") from error
            yield row


def _item(line: bytes) -> Item:
    """An item of a line, by the shape that each of ours has."""
    row: Any = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError
    item = cast(Item, row)
    if not all(isinstance(item.get(name), dict) and isinstance(item[name].get("S"), str) for name in ("pk", "sk")):
        raise ValueError
    return item


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _digest(manifest: DeploymentManifest) -> str:
    return hashlib.sha256(
        canonical(manifest.model_copy(update={"digest": ""}).model_dump(mode="json")).encode()
    ).hexdigest()


def _foreign(folder: Path, what: str) -> BadRequest:
    return BadRequest(
        f"the folder is not an export of a deployment: {what}",
        where=str(folder),
        code="not-a-deployment-export",
        next_step="Name the folder that `interlock deployment export DIR` wrote.",
    )


def _damaged(part: str, what: str) -> Conflict:
    return Conflict(
        f"the export is damaged: {part} {what}", where=part, code="deployment-export-damaged", next_step=AGAIN
    )
