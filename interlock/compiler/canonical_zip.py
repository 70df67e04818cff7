"""Writes a bundle's zip anew: what is deployed has no byte that the platform did not read and mean.

The entries of a checked zip in order of their names, each with its packed bytes as they are, behind headers that say
the least that a zip can: a name, a method, a sum, two sizes. No times, owners, comments, extra fields and folders.
`interlock app pack` writes zips that this leaves as they are.
"""

import struct

from interlock.compiler.zip_layout import Entry, entries_of

_VERSION = 20
_UTF8 = 0x800
_DATE = 0x21
"""1 January 1980, the first day that a zip can name."""
_UNIX = 3 << 8
_FILE = 0o100644 << 16


def canonical_zip(data: bytes) -> bytes:
    """The same files in a zip of one form.

    Args:
        data: a zip that `read_archive` takes.

    Raises:
        Refused: it is not.
    """
    files = sorted((entry for entry in entries_of(data) if not entry.name.endswith("/")), key=lambda row: row.name)
    parts: list[bytes] = []
    rows: list[bytes] = []
    place = 0
    for entry in files:
        fields = _fields(entry)
        header = struct.pack("<4s", b"PK\x03\x04") + fields + entry.raw
        packed = data[entry.begin : entry.begin + entry.packed]
        system = struct.pack("<4sH", b"PK\x01\x02", _UNIX | _VERSION)
        rows.append(system + fields + struct.pack("<3H2L", 0, 0, 0, _FILE, place) + entry.raw)
        parts += [header, packed]
        place += len(header) + len(packed)
    size = sum(map(len, rows))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(rows), len(rows), size, place, 0)
    return b"".join([*parts, *rows, end])


def _fields(entry: Entry) -> bytes:
    """What an entry's header and its row have in common, up to the lengths of name and extra fields."""
    flags = 0 if entry.raw.isascii() else _UTF8
    sums = (entry.crc, entry.packed, entry.size)
    return struct.pack("<5H3L2H", _VERSION, flags, entry.method, 0, _DATE, *sums, len(entry.raw), 0)
