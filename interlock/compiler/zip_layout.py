"""The layout of a zip: its directory, the headers in front of its entries, and that both say the same of every byte.

A zip has two lists of its entries, and readers differ in which they believe, where they look for it, and what they
skip. Here a file is a zip in one way: entries stand one after another from the first byte, each header says what the
directory says, the directory follows, and its end record ends the file. Whatever else is refused.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 to 4.5, whose numbers the comments name.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from interlock.contract.core import limits
from interlock.contract.core.finding import Finding

STORED, DEFLATED = 0, 8
PACK_AGAIN = "Make it with `interlock app pack`."
_END = struct.Struct("<4s4H2LH")
_ROW = struct.Struct("<4s6H3L5H2L")
_HEADER = struct.Struct("<4s5H3L2H")
_SIGNED = struct.Struct("<4s3L")
_END_SIGN, _ROW_SIGN, _HEADER_SIGN, _DESCRIPTOR_SIGN = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"
_READ = 16 * limits.KIB
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800
_FLAGS = 0x6 | _DESCRIPTOR | _UTF8
"""Flags that do not change what an entry is (4.4.4): how it was deflated, where its sizes stand, its name's code."""
_VERSION = 20
"""Deflate and folders (4.4.3); more is for zip64, encryption and other methods."""
_TIMES_AND_OWNERS = frozenset({0x5455, 0x7855, 0x7875, 0x000A, 0x5855, 0xCAFE})
"""Extra fields that say nothing of names and sizes (4.5): what `zip`, `jar` and Windows write."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its name, how it is packed, where its bytes begin, and what they unpack to.

    Attributes:
        raw: the name's bytes.
        mode: the permissions and kind as Unix has them; 0 where the zip has none.
    """

    name: str
    raw: bytes
    method: int
    crc: int
    packed: int
    size: int
    begin: int
    mode: int


class Refused(Exception):
    """A zip is not taken; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        """Take the finding."""
        super().__init__(finding.what)
        self.finding = finding


def entries_of(data: bytes) -> tuple[Entry, ...]:
    """The entries of a zip, in the order of its directory.

    Raises:
        Refused: it can be read in another way, or is damaged.
    """
    if not data.startswith((_HEADER_SIGN, _END_SIGN)):
        code = "prefix" if _HEADER_SIGN in data else "broken"
        raise Refused(_finding(code, "bundle", "the file does not begin with a zip's first entry", PACK_AGAIN))
    begin, end, count = _directory(data)
    rows = list(_rows(data, begin, end, count))
    place = 0
    entries: dict[int, Entry] = {}
    for ordinal, row in sorted(enumerate(rows), key=lambda pair: pair[1].header):
        if row.header != place:
            what = "bytes stand between the entries" if row.header > place else "two entries share bytes"
            raise Refused(_finding("prefix" if place == 0 else "broken", row.name, what, PACK_AGAIN))
        entries[ordinal], place = _entry(data, row, begin)
    if place != begin:
        raise Refused(_finding("broken", "bundle", "bytes stand between the last entry and the directory", PACK_AGAIN))
    return tuple(entries[ordinal] for ordinal in range(len(rows)))


def chunks_of(data: bytes, entry: Entry, step: int = 64 * limits.KIB) -> Iterator[bytes]:
    """The unpacked bytes of an entry, piece by piece, each at most `step` long.

    Raises:
        Refused: they are not what the directory says.
    """
    whole = memoryview(data)[entry.begin : entry.begin + entry.packed]
    crc = size = 0
    for piece in _stored(whole, step) if entry.method == STORED else _inflated(whole, entry.name, step):
        crc, size = zlib.crc32(piece, crc), size + len(piece)
        if size > entry.size:
            break
        yield piece
    if (crc, size) != (entry.crc, entry.size):
        raise Refused(
            _finding("broken", entry.name, "the entry unpacks to other bytes than the directory says", PACK_AGAIN)
        )


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    header: int


def _directory(data: bytes) -> tuple[int, int, int]:
    """Where the directory begins and ends, and how many rows it has (4.3.16)."""
    place = len(data) - _END.size
    if place < 0 or data[place : place + 4] != _END_SIGN:
        raise Refused(
            _finding(
                "broken", "bundle", "the file does not end with a zip's directory, or ends with a comment", PACK_AGAIN
            )
        )
    _, disk, first_disk, here, count, size, begin, comment = _END.unpack_from(data, place)
    if disk or first_disk or here != count or comment:
        raise Refused(
            _finding("broken", "bundle", "the zip is a part of several, or its directory counts two ways", PACK_AGAIN)
        )
    if count > limits.BUNDLE_ENTRIES:
        what = f"the zip has {count} entries, and may have {limits.BUNDLE_ENTRIES}"
        raise Refused(_finding("entries", "bundle", what, "Vendor fewer packages."))
    if begin + size != place:
        code = "prefix" if begin + size < place else "broken"
        raise Refused(_finding(code, "bundle", "the directory does not stand where the zip's end says", PACK_AGAIN))
    return begin, place, count


def _rows(data: bytes, begin: int, end: int, count: int) -> Iterator[_Row]:
    """The rows of the directory (4.3.12)."""
    place = begin
    for _ in range(count):
        if place + _ROW.size > end or data[place : place + 4] != _ROW_SIGN:
            raise Refused(_finding("broken", "bundle", "the directory has fewer rows than it counts", PACK_AGAIN))
        (_, _, needs, flags, method, _, _, crc, packed, size, names, extras, comment, disk, _, outer, header) = (
            _ROW.unpack_from(data, place)
        )
        texts = place + _ROW.size
        place = texts + names + extras + comment
        if place > end or disk:
            raise Refused(
                _finding("broken", "bundle", "a row of the directory is longer than the directory", PACK_AGAIN)
            )
        raw = data[texts : texts + names]
        name = _name(raw, flags)
        _check_kind(name, needs, flags, method)
        _check_extras(name, data[texts + names : texts + names + extras])
        yield _Row(name, raw, flags, method, crc, packed, size, outer >> 16, header)
    if place != end:
        raise Refused(_finding("broken", "bundle", "the directory has more bytes than its rows", PACK_AGAIN))


def _name(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        name = raw.decode("ascii", "backslashreplace")
        raise Refused(_finding("path", name, "the name is not UTF-8, or does not say that it is", PACK_AGAIN)) from None


def _check_kind(name: str, needs: int, flags: int, method: int) -> None:
    if flags & _ENCRYPTED:
        raise Refused(_finding("encrypted", name, "the entry is encrypted", "Pack it without a password."))
    if method not in (STORED, DEFLATED):
        raise Refused(_finding("compression", name, "the entry is neither stored nor deflated", PACK_AGAIN))
    if flags & ~_FLAGS or needs & 0xFF > _VERSION:
        raise Refused(
            _finding("broken", name, "the entry uses a part of the format that bundles do not need", PACK_AGAIN)
        )


def _check_extras(name: str, extras: bytes) -> None:
    """Extra fields (4.5) that are well formed, and of which no reader takes another name or size."""
    place = 0
    while place < len(extras):
        if place + 4 > len(extras):
            raise Refused(_finding("broken", name, "the entry's extra fields are cut", PACK_AGAIN))
        kind, length = struct.unpack_from("<2H", extras, place)
        place += 4 + length
        if place > len(extras):
            raise Refused(_finding("broken", name, "the entry's extra fields are cut", PACK_AGAIN))
        if kind not in _TIMES_AND_OWNERS:
            what = f"the entry has an extra field 0x{kind:04x}, which may give it another name or size"
            raise Refused(_finding("broken", name, what, PACK_AGAIN))


def _entry(data: bytes, row: _Row, end: int) -> tuple[Entry, int]:
    """An entry by its row, and the place after it; its header must say what the row says (4.3.7)."""
    texts = row.header + _HEADER.size
    if texts > end or data[row.header : row.header + 4] != _HEADER_SIGN:
        raise Refused(_finding("broken", row.name, "no entry stands where the directory says", PACK_AGAIN))
    _, needs, flags, method, _, _, crc, packed, size, names, extras = _HEADER.unpack_from(data, row.header)
    begin = texts + names + extras
    described = bool(flags & _DESCRIPTOR)
    sums = {(0, 0, 0), (row.crc, row.packed, row.size)} if described else {(row.crc, row.packed, row.size)}
    same = (data[texts : texts + names], flags, method) == (row.raw, row.flags, row.method)
    if not same or (crc, packed, size) not in sums or needs & 0xFF > _VERSION:
        raise Refused(
            _finding("broken", row.name, "the entry's header and the directory say different things of it", PACK_AGAIN)
        )
    _check_extras(row.name, data[texts + names : begin])
    after = begin + row.packed
    if described:
        after = _after_descriptor(data, row, after)
    if after > end or (row.method == STORED and row.packed != row.size):
        raise Refused(_finding("broken", row.name, "the entry is longer than its place in the file", PACK_AGAIN))
    entry = Entry(row.name, row.raw, row.method, row.crc, row.packed, row.size, begin, row.mode)
    return entry, after


def _after_descriptor(data: bytes, row: _Row, place: int) -> int:
    """The place after the sums that follow an entry (4.3.9); only where its bytes show their own end."""
    sums = _SIGNED.pack(_DESCRIPTOR_SIGN, row.crc, row.packed, row.size)
    if row.method == STORED or data[place : place + _SIGNED.size] != sums:
        raise Refused(
            _finding("broken", row.name, "the sums after the entry are not what the directory says", PACK_AGAIN)
        )
    return place + _SIGNED.size


def _stored(whole: memoryview, step: int) -> Iterator[bytes]:
    for place in range(0, len(whole), step):
        yield bytes(whole[place : place + step])


def _inflated(whole: memoryview, name: str, step: int) -> Iterator[bytes]:
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    place = 0
    rest: bytes | memoryview = b""
    try:
        while not machine.eof:
            if not rest:
                # A little at a time: what is left over is copied after each piece.
                rest = whole[place : place + _READ]
                place += len(rest)
            piece = machine.decompress(rest, step)
            if not piece and not rest:
                break
            rest = machine.unconsumed_tail
            yield piece
    except zlib.error as error:
        raise Refused(_finding("broken", name, f"the entry can't be unpacked: {error}", PACK_AGAIN)) from error
    if not machine.eof or machine.unused_data or place != len(whole):
        raise Refused(_finding("broken", name, "the entry's bytes end before or after what they unpack to", PACK_AGAIN))


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"archive.{code}", where=where, what=what, fix=fix)
