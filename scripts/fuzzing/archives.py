"""Zips with bytes changed, cut, moved and repeated, through the reader of bundles."""

import io
import random
import zipfile

from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.canonical_zip import canonical_zip

SIGNS = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK\x06\x06", b"PK\x06\x07")


def samples() -> list[bytes]:
    """Small zips of several kinds."""
    files = {
        "interlock.toml": b"[app]\n" * 9,
        "a/b.py": b"x = 1\n" * 9,
        "ä.txt": b"",
        "noise": random.Random(1).randbytes(64),
    }
    return [_zip(files, zipfile.ZIP_DEFLATED), _zip(files, zipfile.ZIP_STORED), _zip({}, 0), _zip({"a": b""}, 8)]


def _zip(files: dict[str, bytes], method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A zip with one to six changes."""
    whole = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        if not whole:
            break
        at = chance.randrange(len(whole))
        match chance.randrange(6):
            case 0:
                whole[at] = chance.randrange(256)
            case 1:
                whole[at] ^= 1 << chance.randrange(8)
            case 2:
                del whole[at : at + chance.randint(1, 40)]
            case 3:
                whole[at:at] = whole[chance.randrange(len(whole)) :][: chance.randint(1, 60)]
            case 4:
                whole[at:at] = chance.choice(SIGNS)
            case _:
                whole[at : at + 4] = chance.choice((0, 1, 0xFFFF, 0xFFFFFFFF, len(whole))).to_bytes(4, "little")
    return bytes(whole)


def attempt(data: bytes) -> str:
    """Read an archive; what is taken is read again by Python's own reader, which must see the same files.

    Raises:
        AssertionError: two readers see different files.
    """
    result = read_archive(data)
    if not isinstance(result, Bundle):
        return result[0].code
    files = dict(result.files)
    for form in (data, canonical_zip(data)):
        with zipfile.ZipFile(io.BytesIO(form)) as archive:
            seen = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
        assert seen == files, "Python's own reader sees other files"
    return "taken"
