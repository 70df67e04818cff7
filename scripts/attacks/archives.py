"""Archives that two readers could see differently, that hurt who unpacks them, or whose names mislead."""

import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, cast

from interlock.compiler.archive import Bundle, read_archive
from interlock.contract.core import limits
from scripts.attacks.case import Case

LOCAL, ROW, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
Entry = tuple[str | zipfile.ZipInfo, bytes]


def cases() -> Iterator[Case]:
    """Every attack on the reader of archives."""
    for name, (wanted, make) in _LAYOUTS.items():
        yield Case("archives", name, f"refused archive.{wanted}", lambda make=make: verdict(make()))
    for name, entry in _NAMES.items():
        yield Case("names", name, "refused archive.path", lambda entry=entry: verdict(zipped((entry, b"x"))))
    for name, entries in _PAIRS.items():
        yield Case("names", name, "refused archive.duplicate", lambda entries=entries: verdict(zipped(*entries)))
    for name, mode in _MODES.items():
        yield Case("names", name, "refused archive.kind", lambda mode=mode: verdict(zipped(_with_mode(mode))))
    yield Case("archives", "an ordinary zip", "taken", lambda: verdict(zipped(("a.py", b"x = 1\n"), ("b/c.txt", b"c"))))


def verdict(data: bytes) -> str:
    """What the reader says."""
    result = read_archive(data)
    return "taken" if isinstance(result, Bundle) else f"refused {result[0].code}: {result[0].what}"


def zipped(*entries: Entry, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def _with_mode(mode: int) -> Entry:
    info = zipfile.ZipInfo("file")
    info.external_attr, info.create_system = mode << 16, 3
    return info, b"target"


def _changed(sign: bytes, offset: int, form: str, value: int, data: bytes | None = None) -> bytes:
    """A zip with a field changed in the last header of a kind."""
    whole = bytearray(data if data is not None else zipped(("a.txt", b"hello " * 50), ("b.txt", b"other " * 50)))
    struct.pack_into(form, whole, whole.rindex(sign) + offset, value)
    return bytes(whole)


def _both(flag: int) -> bytes:
    """A zip whose last entry has a flag in its header and in the directory."""
    return _changed(LOCAL, 6, "<H", flag, _changed(ROW, 8, "<H", flag))


def _extra(kind: int, content: bytes) -> bytes:
    info = zipfile.ZipInfo("a.txt")
    info.extra = struct.pack("<2H", kind, len(content)) + content
    return zipped((info, b"hello"))


def _between() -> bytes:
    """Bytes between the last entry and the directory, with the end record corrected."""
    data = zipped(("a.txt", b"hello"))
    begin, end = data.index(ROW), data.index(END)
    row = data[begin:end]
    tail = bytearray(data[end:])
    struct.pack_into("<L", tail, 16, begin + 8)
    return data[:begin] + b"HIDDEN!!" + row + bytes(tail)


def _shared_bytes() -> bytes:
    """Two rows of the directory that name one entry."""
    data = zipped(("a.txt", b"hello"))
    begin, end = data.index(ROW), data.index(END)
    row, tail = data[begin:end], bytearray(data[end:])
    struct.pack_into("<2HL", tail, 8, 2, 2, len(row) * 2)
    return data[:begin] + row + row.replace(b"a.txt", b"b.txt") + bytes(tail)


def _after_the_stream() -> bytes:
    """An entry whose deflated bytes end before its place does."""
    data = zipped(("a.txt", b"hello " * 50))
    begin, end = data.index(ROW), data.index(END)
    packed = struct.unpack_from("<L", data, begin + 20)[0]
    entry, row, tail = bytearray(data[:begin] + b"EVIL"), bytearray(data[begin:end]), bytearray(data[end:])
    struct.pack_into("<L", entry, 18, packed + 4)
    struct.pack_into("<L", row, 20, packed + 4)
    struct.pack_into("<L", tail, 16, begin + 4)
    return bytes(entry + row + tail)


class _Pipe:
    """Takes bytes and cannot go back, so a zip writes an entry's sums after it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass


def _streamed() -> bytes:
    """An entry whose sums follow it, one of them wrong."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"hello " * 50)
    whole = bytearray(b"".join(pipe.pieces))
    whole[whole.index(b"PK\x07\x08") + 4] ^= 0xFF
    return bytes(whole)


def _bomb(copies: int) -> bytes:
    return zipped(*((f"{n}.bin", bytes(8 * limits.MIB)) for n in range(copies)))


def _wide_bomb() -> bytes:
    """Files that are each small, and together much."""
    return zipped(*((f"{n}.bin", bytes(limits.BUNDLE_SMALL_BYTES)) for n in range(2_000)))


def _mutated(seed: int) -> bytes:
    """A zip whose sign of an entry or sum is wrong in one byte."""
    whole = bytearray(zipped(("a.txt", random.Random(seed).randbytes(200))))
    whole[60 + seed % 100] ^= 1 + seed % 255
    return bytes(whole)


_GOOD = zipped(("a.txt", b"hello " * 50), ("b.txt", b"other " * 50))
_LAYOUTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "no bytes": ("broken", lambda: b""),
    "one byte": ("broken", lambda: b"P"),
    "no zip": ("broken", lambda: b"hello" * 100),
    "bytes before the zip": ("prefix", lambda: b"#!/bin/sh\n" + _GOOD),
    "two zips, one after the other": ("prefix", lambda: zipped(("a.txt", b"good")) + _GOOD),
    "bytes after the zip": ("broken", lambda: _GOOD + b"\n"),
    "a comment with a second end record": ("prefix", lambda: _changed(END, 20, "<H", 22) + _GOOD[-22:]),
    "a comment": ("broken", lambda: _changed(END, 20, "<H", 5) + b"hello"),
    "a zip that is cut": ("broken", lambda: _GOOD[:-30]),
    "bytes before the directory": ("broken", _between),
    "two rows for one entry": ("broken", _shared_bytes),
    "bytes after an entry's stream": ("broken", _after_the_stream),
    "sums after an entry that differ": ("broken", _streamed),
    "a wrong sum": ("broken", lambda: zipped(("a", b"hello"), method=0).replace(b"hello", b"hallo")),
    "fewer rows than entries": ("broken", lambda: _changed(END, 10, "<H", 1, _changed(END, 8, "<H", 1))),
    "more rows than entries": ("broken", lambda: _changed(END, 10, "<H", 3, _changed(END, 8, "<H", 3))),
    "rows counted two ways": ("broken", lambda: _changed(END, 8, "<H", 1)),
    "a part of several disks": ("broken", lambda: _changed(END, 4, "<H", 1)),
    "a directory elsewhere": ("prefix", lambda: _changed(END, 16, "<L", 0)),
    "a directory beyond the file": ("broken", lambda: _changed(END, 16, "<L", 0xFFFFFFF0)),
    "an entry beyond the file": ("broken", lambda: _changed(ROW, 42, "<L", 0xFFFFFF)),
    "an entry of another size in its header": ("broken", lambda: _changed(LOCAL, 22, "<L", 10)),
    "an entry of another size in the directory": ("broken", lambda: _changed(ROW, 24, "<L", 10)),
    "an entry that claims 4 GB": ("broken", lambda: _changed(ROW, 24, "<L", 0xFFFFFFFE)),
    "an entry of another sum in its header": ("broken", lambda: _changed(LOCAL, 14, "<L", 1)),
    "an entry of another name in its header": ("broken", lambda: _GOOD.replace(b"a.txt", b"c.txt", 1)),
    "an entry of another method in its header": ("broken", lambda: _changed(LOCAL, 8, "<H", 0)),
    "an encrypted entry": ("encrypted", lambda: _both(1)),
    "an entry that its header alone encrypts": ("broken", lambda: _changed(LOCAL, 6, "<H", 1)),
    "strong encryption": ("broken", lambda: _both(0x40)),
    "masked headers": ("broken", lambda: _both(0x2000)),
    "patched data": ("broken", lambda: _both(0x20)),
    "a method of later versions": ("compression", lambda: _changed(LOCAL, 8, "<H", 93, _changed(ROW, 10, "<H", 93))),
    "bzip2": ("compression", lambda: zipped(("a", b"x" * 99), method=zipfile.ZIP_BZIP2)),
    "lzma": ("compression", lambda: zipped(("a", b"x" * 99), method=zipfile.ZIP_LZMA)),
    "another name in an extra field": ("broken", lambda: _extra(0x7075, b"\x01\0\0\0\0../x")),
    "sizes in an extra field": ("broken", lambda: _extra(0x0001, b"\0" * 16)),
    "an extra field of AES": ("broken", lambda: _extra(0x9901, b"\0" * 7)),
    "an extra field that is cut": ("broken", lambda: _changed(ROW, 30, "<H", 3) + b""),
    "one file of zeros": ("ratio", lambda: _bomb(1)),
    "files of zeros": ("ratio", lambda: _bomb(12)),
    "two thousand small files of zeros": ("ratio", _wide_bomb),
    "more entries than a bundle may have": (
        "entries",
        lambda: zipped(*((f"f{n}", b"") for n in range(limits.BUNDLE_ENTRIES + 1))),
    ),
    "more bytes than an upload may have": ("size", lambda: bytes(limits.BUNDLE_BYTES + 1)),
    **{f"a byte that differs, seed {seed}": ("broken", lambda seed=seed: _mutated(seed)) for seed in range(8)},
}
_NAMES: dict[str, str] = {
    "a parent folder": "../x.py",
    "a parent folder inside": "a/../../x.py",
    "an absolute path": "/etc/x",
    "a drive": "C:x",
    "a share": "\\\\host\\x",
    "backslashes": "a\\..\\x",
    "an empty part": "a//b",
    "a dot part": "./a",
    "a stream of NTFS": "a.txt:hidden",
    "a name of 300 characters": "a" * 300,
    "a new line": "a\nb",
    "an escape": "a\x1b[31m",
    "a control character": "a\x01b",
    "a control of C1": "a\x9bb",
    "text from right to left": "a\u202efdp.exe",
    "an isolate": "a\u2066b\u2069",
    "a zero width space": "a\u200bb",
    "a zero width joiner": "a\u200db",
    "a soft hyphen": "a\u00adb",
    "a byte order mark": "\ufeffa",
    "a line separator": "a\u2028b",
    "a private character": "a\ue000b",
    "a tag character": "a\U000e0041b",
    "a name that is not composed": "e\u0301.py",
}
_PAIRS: dict[str, tuple[Entry, ...]] = {
    "two names but for case": (("a.py", b"1"), ("A.PY", b"2")),
    "two names but for ligatures": (("ﬁ.py", b"1"), ("fi.py", b"2")),
    "two names but for sharp s": (("ß.py", b"1"), ("SS.py", b"2")),
    "a file and a folder": (("a", b"1"), ("a/b", b"2")),
    "a file and a folder but for case": (("A", b"1"), ("a/b", b"2")),
    "a folder and a file": (("a/", b""), ("a", b"2")),
}
_MODES: dict[str, int] = {
    "a link": stat.S_IFLNK | 0o777,
    "a device": stat.S_IFCHR | 0o666,
    "a block device": stat.S_IFBLK | 0o666,
    "a pipe": stat.S_IFIFO | 0o666,
    "a socket": stat.S_IFSOCK | 0o666,
    "a folder that is no folder": stat.S_IFDIR | 0o755,
    "a file that runs as its owner": stat.S_IFREG | stat.S_ISUID | 0o755,
    "a file that runs as its group": stat.S_IFREG | stat.S_ISGID | 0o755,
}
