"""Reads a bundle's zip entry by entry, with hard limits, without extracting it.

One reading or none: an entry that two unzippers could see differently (duplicate names, a link, an absolute path) is a
finding, as PyPI's upload check does it. Nothing is trusted that a header says: sizes are counted while inflating.
"""

import hashlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from interlock.contract.core import limits
from interlock.contract.core.base import Model, Sha256
from interlock.contract.core.finding import Finding

CHUNK = 64 * limits.KIB
FLAG_ENCRYPTED = 0x1


class Bundle(Model):
    """A bundle's files in memory, by path."""

    digest: Sha256
    size: int
    files: dict[str, bytes]

    def text(self, path: str) -> str:
        """The file as UTF-8.

        Raises:
            KeyError: no such file.
            UnicodeDecodeError: not UTF-8.
        """
        return self.files[path].decode()


def read_archive(data: bytes) -> Bundle | tuple[Finding, ...]:
    """Read the whole zip, or say why it is not taken (codes `archive.*`)."""
    if len(data) > limits.BUNDLE_BYTES:
        return (
            _finding(
                "size",
                "bundle",
                f"the bundle has {len(data)} bytes, and may have {limits.BUNDLE_BYTES}",
                "Remove files that steps do not need.",
            ),
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            findings = tuple(_check_entries(archive, data))
            if findings:
                return findings
            files: dict[str, bytes] = {}
            total = 0
            for info in archive.infolist():
                if info.is_dir():
                    continue
                with archive.open(info) as entry:
                    content = _inflate(entry, info, limits.BUNDLE_UNPACKED_BYTES - total)
                if isinstance(content, Finding):
                    return (content,)
                total += len(content)
                files[info.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        return (_finding("broken", "bundle", f"the zip can't be read: {error}", "Make it with `interlock app pack`."),)
    return Bundle(digest=hashlib.sha256(data).hexdigest(), size=len(data), files=files)


def _check_entries(archive: zipfile.ZipFile, data: bytes) -> Iterator[Finding]:
    infos = archive.infolist()
    first = min((info.header_offset for info in infos), default=0)
    if first or not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield _finding("prefix", "bundle", "the file has bytes before the zip", "Make it with `interlock app pack`.")
    if len(infos) > limits.BUNDLE_ENTRIES:
        yield _finding(
            "entries",
            "bundle",
            f"the zip has {len(infos)} entries, and may have {limits.BUNDLE_ENTRIES}",
            "Vendor fewer packages.",
        )
        return
    files = {info.filename.casefold() for info in infos if not info.filename.endswith("/")}
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        problem = _path_problem(name)
        if problem:
            yield _finding("path", repr(name), problem, "Use relative paths below the bundle, with `/`.")
        if name.casefold() in seen:
            yield _finding("duplicate", name, "two entries have this name", "Keep one entry of that name.")
        if not files.isdisjoint(_folders(name.casefold())):
            yield _finding("duplicate", name, "the path leads through a file", "Rename the file or the folder.")
        seen.add(name.casefold())
        mode = info.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            yield _finding("kind", name, "the entry is neither a file nor a folder", "Replace a link by its file.")
        if info.flag_bits & FLAG_ENCRYPTED:
            yield _finding("encrypted", name, "the entry is encrypted", "Pack it without a password.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            yield _finding(
                "compression", name, "the entry is neither stored nor deflated", "Make it with `interlock app pack`."
            )


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:at]) for at in range(1, len(parts))]


def _path_problem(name: str) -> str:
    if len(name) > limits.BUNDLE_PATH_CHARS:
        return f"the path is longer than {limits.BUNDLE_PATH_CHARS} characters"
    if name.startswith("/") or "\\" in name or ":" in name:
        return "the path is absolute, or has other separators than `/`"
    if any(part in ("", ".", "..") for part in name.rstrip("/").split("/")):
        return "the path has an empty, `.` or `..` part"
    if any(ord(char) < 32 or ord(char) == 127 for char in name):
        return "the path has a control character"
    return ""


def _inflate(entry: IO[bytes], info: zipfile.ZipInfo, left: int) -> bytes | Finding:
    packed = max(info.compress_size, 1)
    chunks: list[bytes] = []
    size = 0
    while chunk := entry.read(CHUNK):
        size += len(chunk)
        if size > limits.BUNDLE_ENTRY_BYTES or size > left:
            return _finding(
                "unpacked",
                info.filename,
                "the unpacked files are larger than the limit",
                "Remove files that steps do not need.",
            )
        if size > CHUNK and size / packed > limits.BUNDLE_RATIO:
            return _finding(
                "ratio", info.filename, f"the unpacked file is over {limits.BUNDLE_RATIO} times larger", "Remove it."
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"archive.{code}", where=where, what=what, fix=fix)
