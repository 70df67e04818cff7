"""Values as JSON: what the emulator's own saved state does, but with large bytes in files of their own.

A function's code and a layer are megabytes that never change: they are written once, named by their digest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

LARGE_BYTES = 4096
BLOB = "__blob__"


class Blobs:
    """The files of large values."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; it is made with the first file."""
        self._directory = directory
        self._names: dict[int, tuple[bytes, str]] = {}

    def text(self, value: Any, default: Callable[[Any], Any]) -> str:
        """The JSON text of a value of the emulator.

        Args:
            value: the value.
            default: how the emulator writes what JSON does not have.
        """

        def other(one: Any) -> Any:
            if isinstance(one, bytes) and len(one) >= LARGE_BYTES:
                return {BLOB: self._keep(one)}
            if isinstance(one, (set, frozenset)):
                return sorted(cast(set[Any], one), key=repr)
            return default(one)

        return json.dumps(value, default=other, separators=(",", ":"))

    def read(self, name: str) -> bytes:
        """The bytes of a name."""
        return (self._directory / name).read_bytes()

    def forget_others(self, state: Path) -> None:
        """Remove the files that no saved state names."""
        named = b"".join(file.read_bytes() for file in state.glob("*.json"))
        for file in self._directory.glob("*"):
            if file.name.encode() not in named:
                file.unlink()

    def _keep(self, value: bytes) -> str:
        # By identity first: a layer of 20 MB would be hashed whenever its function's record is looked at.
        before = self._names.get(id(value))
        if before is not None and before[0] is value:
            return before[1]
        name = hashlib.sha256(value).hexdigest()
        path = self._directory / name
        if not path.exists():
            self._directory.mkdir(parents=True, exist_ok=True)
            write_synced(path, value)
        self._names[id(value)] = (value, name)
        return name


def hook(blobs: Blobs, before: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """A JSON object hook that reads large bytes from their files, and gives the rest to the emulator's own."""

    def value(raw: dict[str, Any]) -> Any:
        return blobs.read(str(raw[BLOB])) if BLOB in raw else before(raw)

    return value


def write_synced(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and wait for the disk."""
    draft = path.with_name(f"{path.name}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
