"""A zip is read in one way or not at all."""

import io
import random
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlock.compiler.archive import Bundle, read_archive
from interlock.contract.core import limits


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def codes(data: bytes) -> set[str]:
    result = read_archive(data)
    assert isinstance(result, tuple), "it was taken"
    assert all(finding.what and finding.fix and finding.where for finding in result)
    return {finding.code for finding in result}


def link() -> bytes:
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((info, b"/etc/passwd"))


def encrypted() -> bytes:
    data = bytearray(zipped(("a.txt", b"secret")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at] |= 1
    return bytes(data)


def lying() -> bytes:
    """The headers say that the entry unpacks to 10 bytes; it unpacks to 20 MB."""
    data = bytearray(zipped(("a.txt", bytes(20 * limits.MIB))))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    return bytes(data)


def other_name_inside() -> bytes:
    """The entry is called a.txt in the directory and b.txt in front of its bytes."""
    data = zipped(("a.txt", b"x"))
    return data.replace(b"a.txt", b"b.txt", 1)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "no bytes": (lambda: b"", "broken"),
    "no zip": (lambda: b"hello" * 100, "broken"),
    "cut": (lambda: zipped(("a.txt", b"hello" * 1000))[:-30], "broken"),
    "bad sum": (
        lambda: zipped(("a.txt", b"hello"), compression=zipfile.ZIP_STORED).replace(b"hello", b"hallo"),
        "broken",
    ),
    "sizes that lie": (lying, "broken"),
    "two names": (other_name_inside, "broken"),
    "bomb": (lambda: zipped(("zeros", bytes(8 * limits.MIB))), "ratio"),
    "parent": (lambda: zipped(("../x.py", b"")), "path"),
    "parent inside": (lambda: zipped(("a/../../x.py", b"")), "path"),
    "absolute": (lambda: zipped(("/etc/x", b"")), "path"),
    "backslash": (lambda: zipped(("a\\..\\x", b"")), "path"),
    "drive": (lambda: zipped(("C:x", b"")), "path"),
    "control character": (lambda: zipped(("a\nb", b"")), "path"),
    "long": (lambda: zipped(("a" * 300, b"")), "path"),
    "twice but for case": (lambda: zipped(("a.py", b"1"), ("A.PY", b"2")), "duplicate"),
    "file and folder": (lambda: zipped(("a", b"1"), ("a/b", b"2")), "duplicate"),
    "link": (link, "kind"),
    "encrypted": (encrypted, "encrypted"),
    "bzip2": (lambda: zipped(("a.txt", b"x" * 99), compression=zipfile.ZIP_BZIP2), "compression"),
    "entries": (lambda: zipped(*((f"f{n}", b"") for n in range(limits.BUNDLE_ENTRIES + 1))), "entries"),
    "prefix": (lambda: b"#!/bin/sh\n" + zipped(("a.txt", b"x")), "prefix"),
    "a zip before the zip": (lambda: zipped(("a.txt", b"good")) + zipped(("a.txt", b"evil")), "prefix"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_zip_is_a_finding(name: str) -> None:
    make, code = BAD[name]
    assert codes(make()) == {f"archive.{code}"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_may_not_stand_twice() -> None:
    assert codes(zipped(("a.py", b"1"), ("a.py", b"2"))) == {"archive.duplicate"}


def test_limits_count_what_was_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = random.Random(1).randbytes(3000)
    data = zipped(("a", noise), ("b", noise))
    monkeypatch.setattr(limits, "BUNDLE_UNPACKED_BYTES", 5000)
    assert codes(data) == {"archive.unpacked"}
    monkeypatch.setattr(limits, "BUNDLE_UNPACKED_BYTES", 6000)
    assert isinstance(read_archive(data), Bundle)
    monkeypatch.setattr(limits, "BUNDLE_ENTRY_BYTES", 2999)
    assert codes(data) == {"archive.unpacked"}
    monkeypatch.setattr(limits, "BUNDLE_BYTES", len(data) - 1)
    assert codes(data) == {"archive.size"}


def test_a_good_zip_is_its_files() -> None:
    data = zipped(("interlock.toml", b"a = 1"), ("src/", b""), ("src/ä.py", "ü".encode()))
    result = read_archive(data)
    assert isinstance(result, Bundle)
    assert result.files == {"interlock.toml": b"a = 1", "src/ä.py": "ü".encode()}
    assert (result.text("src/ä.py"), result.size) == ("ü", len(data))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_bytes_are_a_bundle_or_findings(data: st.DataObject) -> None:
    whole = bytearray(zipped(("interlock.toml", b"[app]\n" * 20), ("a/b.py", b"x = 1\n" * 9)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    result = read_archive(bytes(whole))
    assert isinstance(result, Bundle) or result
