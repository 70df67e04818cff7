"""The zip that is deployed: the same files, in one form that nothing of the uploaded headers reaches."""

import io
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.cli.apps.packing import zip_files
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.canonical_zip import canonical_zip

NAMES = st.lists(st.from_regex(r"[a-z]{1,6}(/[a-zäß]{1,6}){0,2}\.py", fullmatch=True), unique=True, max_size=6)


def uploaded(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as somebody's tool writes it: in any order, with times, modes, folders and extra fields."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name, content in sorted(files.items(), reverse=True):
            info = zipfile.ZipInfo(name, (2026, 11, 26, 8, 30, 0))
            info.external_attr = (stat.S_IFREG | 0o755) << 16
            info.extra = b"UT\x05\x00\x03\x00\x00\x00\x00"
            info.comment = b"a comment"
            info.compress_type = method
            archive.writestr(info, content)
    return buffer.getvalue()


@given(NAMES, st.binary(max_size=2_000))
def test_files_are_the_same_and_headers_say_nothing_else(names: list[str], content: bytes) -> None:
    files = {name: content + name.encode() for name in names}
    data = uploaded(files)
    read = read_archive(data)
    if not isinstance(read, Bundle):
        return
    written = canonical_zip(data)
    again = read_archive(written)
    assert isinstance(again, Bundle)
    assert dict(again.files) == files
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        rows = archive.infolist()
    assert [row.filename for row in rows] == sorted(files)
    assert {row.date_time for row in rows} <= {(1980, 1, 1, 0, 0, 0)}
    assert {(row.extra, row.comment, row.external_attr >> 16) for row in rows} <= {(b"", b"", 0o100644)}
    assert canonical_zip(written) == written


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_order_of_an_upload_does_not_matter(method: int) -> None:
    one, other = {"b.py": b"b" * 99, "a.py": b"a" * 99}, {"a.py": b"a" * 99, "b.py": b"b" * 99}
    assert canonical_zip(uploaded(one, method=method)) == canonical_zip(uploaded(other, method=method))


def test_what_app_pack_writes_stays_as_it_is() -> None:
    data = zip_files({"interlock.toml": b"a = 1\n" * 50, "src/ä.py": b"x = 1\n", "empty.txt": b""})
    assert canonical_zip(data) == data
