"""Reads a bundle's zip entry by entry, with hard limits, without extracting it.

One reading or none: `zip_layout` refuses a zip that two readers could see differently, and here are the rules of names,
kinds and sizes. Nothing is trusted that a header says: sizes are counted while inflating.
"""

import hashlib
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from interlock.compiler.zip_layout import Entry, Refused, chunks_of, entries_of
from interlock.contract.core import limits
from interlock.contract.core.base import Sha256
from interlock.contract.core.finding import Finding


class Files(Mapping[str, bytes]):
    """The files of a zip by path, in order of their names. Each is unpacked when it is read, and not kept."""

    def __init__(self, data: bytes, entries: Iterator[Entry]) -> None:
        """Take entries that were unpacked once, so that they can be."""
        self._data = data
        self._entries = {entry.name: entry for entry in sorted(entries, key=lambda entry: entry.name)}

    def __getitem__(self, path: str) -> bytes:
        return b"".join(chunks_of(self._data, self._entries[path]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, path: object) -> bool:
        return path in self._entries


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode: control, format (zero width, direction), surrogate, private, unassigned, line separators."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's files by path.

    Attributes:
        digest: sha256 of the zip.
        size: its bytes.
    """

    digest: Sha256
    size: int
    files: Mapping[str, bytes]

    def text(self, path: str) -> str:
        """The file as UTF-8.

        Raises:
            KeyError: no such file.
            UnicodeDecodeError: not UTF-8.
        """
        return self.files[path].decode()


def read_archive(data: bytes) -> Bundle | tuple[Finding, ...]:
    """Read the whole zip, or say why it is not taken (codes `archive.*`)."""
    try:
        entries = read_entries(data)
    except Refused as refused:
        return (refused.finding,)
    findings = tuple(_check_entries(entries))
    if findings:
        return findings
    try:
        for entry in entries:
            for _ in chunks_of(data, entry):
                pass
    except Refused as refused:
        return (refused.finding,)
    files = Files(data, (entry for entry in entries if not entry.name.endswith("/")))
    return Bundle(digest=hashlib.sha256(data).hexdigest(), size=len(data), files=files)


def read_entries(data: bytes) -> tuple[Entry, ...]:
    """The entries of a zip whose layout and sizes are right, before their bytes are looked at.

    Raises:
        Refused: it is too large, can be read in another way, or is damaged.
    """
    less = "Remove files that steps do not need."
    if len(data) > limits.BUNDLE_BYTES:
        what = f"the bundle has {len(data)} bytes, and may have {limits.BUNDLE_BYTES}"
        raise Refused(_finding("size", "bundle", what, less))
    entries = entries_of(data)
    for entry in entries:
        if entry.size > limits.BUNDLE_ENTRY_BYTES:
            what = f"the file unpacks to {entry.size} bytes, and may have {limits.BUNDLE_ENTRY_BYTES}"
            raise Refused(_finding("unpacked", entry.name, what, less))
        if entry.size > limits.BUNDLE_SMALL_BYTES and entry.size > limits.BUNDLE_RATIO * entry.packed:
            what = f"the unpacked file is over {limits.BUNDLE_RATIO} times larger"
            raise Refused(_finding("ratio", entry.name, what, "Remove it."))
    total = sum(entry.size for entry in entries)
    if total > limits.BUNDLE_UNPACKED_BYTES:
        what = f"the files unpack to {total} bytes, and may have {limits.BUNDLE_UNPACKED_BYTES}"
        raise Refused(_finding("unpacked", "bundle", what, less))
    if total > limits.BUNDLE_SMALL_BYTES * 16 and total > limits.BUNDLE_WHOLE_RATIO * len(data):
        what = f"the unpacked files are over {limits.BUNDLE_WHOLE_RATIO} times larger than the zip"
        raise Refused(_finding("ratio", "bundle", what, less))
    return entries


def _check_entries(entries: tuple[Entry, ...]) -> Iterator[Finding]:
    files = {_key(entry.name) for entry in entries if not entry.name.endswith("/")}
    seen: set[str] = set()
    for entry in entries:
        name, key = entry.name, _key(entry.name.rstrip("/"))
        problem = _path_problem(name)
        if problem:
            yield _finding("path", repr(name), problem, "Use relative paths below the bundle, with `/`.")
        if key in seen:
            yield _finding("duplicate", name, "two entries have this name", "Keep one entry of that name.")
        if not files.isdisjoint(_folders(key)):
            yield _finding("duplicate", name, "the path leads through a file", "Rename the file or the folder.")
        seen.add(key)
        kind, folder = stat.S_IFMT(entry.mode), name.endswith("/")
        if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG):
            yield _finding("kind", name, "the entry is neither a file nor a folder", "Replace a link by its file.")
        elif entry.mode & (stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX):
            yield _finding(
                "kind", name, "the entry sets the user or group that runs it", "Take the bit off: chmod a-s."
            )
        if folder and entry.size:
            yield _finding("kind", name, "a folder has bytes", "Make it with `interlock app pack`.")


def _key(name: str) -> str:
    """A name as file systems that ignore case and composition have it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


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
    if any(unicodedata.category(char) in _UNSEEN for char in name):
        return "the path has a control character, or one that nobody sees"
    if unicodedata.normalize("NFC", name) != name:
        return "the path is not in the composed form of Unicode (NFC)"
    return ""


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"archive.{code}", where=where, what=what, fix=fix)
