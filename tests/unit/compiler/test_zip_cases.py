"""The shared archives: each is taken or refused as a strict reader does; what is taken, others read alike."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.canonical_zip import canonical_zip

CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "zips"
EXPECTED: dict[str, dict[str, str]] = json.loads((CASES / "expected.json").read_text()) if CASES.exists() else {}


@pytest.mark.skipif(not EXPECTED, reason="shared cases: zips")
def test_shared_archive_is_taken_or_refused() -> None:
    wrong: list[str] = []
    for name, row in EXPECTED.items():
        data = (CASES / f"{name}.zip").read_bytes()
        result = read_archive(data)
        verdict = "accept" if isinstance(result, Bundle) else "refuse"
        if row["wanted"] not in ("either", verdict):
            wrong.append(name)
        if isinstance(result, Bundle):
            with zipfile.ZipFile(io.BytesIO(canonical_zip(data))) as archive:
                assert {info.filename: archive.read(info) for info in archive.infolist()} == dict(result.files)
    assert wrong == []
    assert len(EXPECTED) >= 80
