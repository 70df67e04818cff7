"""Packing: the same folder gives the same bytes, and dependencies are exactly the wheels that were locked."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from interlock.cli.apps.packing import FIXED, LARGE_BYTES, LARGE_FILES, pack
from interlock.cli.apps.vendoring import LastVendored
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.plan import TARGET_FILE, plan_version
from interlock.contract.core.failure import Failure, NotFound
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import Target
from interlock.contract.own_code import LOCK

TARGET = Target(python="3.11", architecture="x86_64")
MANIFEST = """
[app]
id = "acme/packed"
version = "1.0.0"
title = "Packed"
category = "automation"

[steps.one]
handler = "packed:one"

[workflows.main]
steps = ["one"]
"""
WHEEL = "tiny_dependency-1.0-py3-none-any.whl"


def wheel(folder: Path, body: str) -> str:
    """Write a wheel; its sha256."""
    files = {
        "tiny_dependency.py": body,
        "tiny_dependency-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-dependency\nVersion: 1.0\n",
        "tiny_dependency-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "tiny_dependency-1.0.dist-info/RECORD"
    rows = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in (files | {record: "\n".join([*rows, f"{record},,", ""])}).items():
            archive.writestr(name, text)
    (folder / WHEEL).write_bytes(buffer.getvalue())
    return hashlib.sha256(buffer.getvalue()).hexdigest()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    app.mkdir()
    (app / "interlock.toml").write_text(MANIFEST)
    (app / "packed.py").write_text(
        "from interlock import step\n\n@step\ndef one(value: dict) -> dict:\n    return value\n"
    )
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    digest = wheel(wheels, "WORD = 1\n")
    lock = f"--no-index\n--find-links {wheels}\ntiny-dependency==1.0 --hash=sha256:{digest}\n"
    (app / "requirements.txt").write_text("tiny-dependency==1.0\n")
    (app / "requirements.lock").write_text(lock)
    return app


def unpacked(data: bytes) -> Bundle:
    result = read_archive(data)
    assert isinstance(result, Bundle)
    return result


def test_the_same_folder_gives_the_same_bytes(folder: Path) -> None:
    first = pack(folder, TARGET)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "packed.pyc").write_bytes(b"left out")
    (folder / ".env").write_text("left out too")
    assert pack(folder, TARGET).data == first.data
    files = unpacked(first.data).files
    assert files["vendor/tiny_dependency.py"] == b"WORD = 1\n"
    assert b'"python": "3.11"' in files[TARGET_FILE]
    assert not [name for name in files if "pyc" in name or name == ".env" or name.endswith("RECORD")]
    assert not isinstance(plan_version(unpacked(first.data)), tuple)


def test_what_was_vendored_is_used_again_while_it_fits(folder: Path) -> None:
    last = LastVendored()
    first = pack(folder, TARGET, last)
    before = last.files
    (folder / "packed.py").write_text((folder / "packed.py").read_text() + "\nCHANGED = 1\n")
    again = pack(folder, TARGET, last)
    assert last.files is before and again.data != first.data
    assert again.data == pack(folder, TARGET).data
    pack(folder, TARGET.model_copy(update={"python": "3.12"}), last)
    assert last.files is not before, "vendored for another Python"
    pack(folder, TARGET, last)
    digest = wheel(folder.parent / "wheels", "WORD = 2\n")
    lock = folder / "requirements.lock"
    lock.write_text(re.sub("sha256:[0-9a-f]+", f"sha256:{digest}", lock.read_text()))
    assert unpacked(pack(folder, TARGET, last).data).files["vendor/tiny_dependency.py"] == b"WORD = 2\n"


def test_one_changed_byte_of_a_wheel_fails(folder: Path) -> None:
    wheel(folder.parent / "wheels", "WORD = 2\n")
    with pytest.raises(Failure, match="(?i)hash") as refused:
        pack(folder, TARGET)
    assert refused.value.code == "vendor"


def test_a_bundle_that_brings_the_sdk_has_a_finding(folder: Path) -> None:
    (folder / "interlock").mkdir()
    (folder / "interlock" / "__init__.py").write_text("")
    findings = plan_version(unpacked(pack(folder, TARGET).data))
    assert isinstance(findings, tuple)
    assert [row.code for row in findings if isinstance(row, Finding)] == ["code.vendored-sdk"]


def test_a_folder_without_a_manifest_is_no_app(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        pack(tmp_path, TARGET)


def test_a_pin_that_cannot_win_is_named(folder: Path) -> None:
    """The app has its dependencies in a folder of its own, from which it imports."""
    present = f"typing_extensions-{version('typing-extensions')}"
    for name in (*(f"{name.replace('-', '_')}-0.1" for name in FIXED), "tiny_dependency-1.0", present):
        metadata = folder / "vendor" / f"{name}.dist-info" / "METADATA"
        metadata.parent.mkdir(parents=True)
        metadata.write_text("")
    (folder / "packed.py").write_text("import vendor\n")
    assert pack(folder, TARGET).outranked == tuple(f"{name} 0.1" for name in FIXED)


BACKEND = """
import sys, zipfile
NAME = "helpers-1.0.dist-info/"
FILES = {
    "helpers.py": open("helpers.py").read(),
    NAME + "METADATA": "Metadata-Version: 2.1\\nName: helpers\\nVersion: 1.0\\nRequires-Dist: tiny-dependency\\n",
    NAME + "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}

def build_wheel(folder, config_settings=None, metadata_directory=None):
    rows = "".join(f"{name},,\\n" for name in (*FILES, NAME + "RECORD"))
    with zipfile.ZipFile(f"{folder}/helpers-1.0-py3-none-any.whl", "w") as archive:
        for name, text in (FILES | {NAME + "RECORD": rows}).items():
            archive.writestr(name, text)
    return "helpers-1.0-py3-none-any.whl"
"""
PROJECT = """
[project]
name = "helpers"
version = "1.0"
dependencies = ["tiny-dependency"]

[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def helpers(folder: Path, text: str = "WORD = 'local'\n") -> None:
    """A project beside the app's code, which needs no build tool."""
    place = folder / "helpers"
    place.mkdir(exist_ok=True)
    for name, content in {"backend.py": BACKEND, "pyproject.toml": PROJECT, "helpers.py": text}.items():
        (place / name).write_text(content)


def test_requirement_that_is_a_folder_is_built_and_vendored(folder: Path) -> None:
    """What it needs itself is locked with hashes, like everything else."""
    helpers(folder)
    options = "".join((folder / LOCK).read_text().splitlines(keepends=True)[:2])
    (folder / LOCK).unlink()
    (folder / "requirements.txt").write_text(f"{options}./helpers  # ours\n")
    packed = pack(folder, TARGET)
    files = unpacked(packed.data).files
    assert files["vendor/helpers.py"] == b"WORD = 'local'\n"
    assert files["vendor/tiny_dependency.py"] == b"WORD = 1\n"
    locked = files[LOCK].decode()
    assert "tiny-dependency==1.0" in locked and "--hash=sha256:" in locked
    assert not re.search(r"^(\./helpers|helpers)", locked, re.MULTILINE)
    assert str(folder) not in locked.replace(options, "")
    assert not isinstance(plan_version(unpacked(packed.data)), tuple)
    helpers(folder, "WORD = 'changed'\n")
    assert unpacked(pack(folder, TARGET).data).files["vendor/helpers.py"] == b"WORD = 'changed'\n"


@pytest.mark.parametrize("line", ["second-dependency", "tiny-dependency>=2"])
def test_requirement_that_the_lock_lacks_is_locked_anew(folder: Path, line: str) -> None:
    lines = (folder / LOCK).read_text().splitlines(keepends=True)
    (folder / "requirements.txt").write_text("".join([*lines[:2], f"{line}\n"]))
    with pytest.raises(Failure, match=re.split("[>]", line)[0]) as refused:
        pack(folder, TARGET)
    assert refused.value.code == "vendor", "no such wheel is there, and the lock is not taken for one that has it"


def test_lock_that_is_made_anew_is_said(folder: Path) -> None:
    lines = (folder / LOCK).read_text().splitlines(keepends=True)
    (folder / "requirements.txt").write_text("".join([*lines[:2], "tiny-dependency\n"]))
    (folder / LOCK).write_text(f"other==1.0 --hash=sha256:{'0' * 64}\n")
    packed = pack(folder, TARGET)
    assert packed.relocked == ("tiny-dependency",)
    assert "vendor/tiny_dependency.py" in unpacked(packed.data).files
    assert pack(folder, TARGET).relocked == ()


def test_large_bundle_names_its_largest_files(folder: Path) -> None:
    assert pack(folder, TARGET).largest == ()
    (folder / "model.bin").write_bytes(os.urandom(LARGE_BYTES))
    assert pack(folder, TARGET).largest[0] == "model.bin (5.0 MB)"
    (folder / "model.bin").unlink()
    for number in range(LARGE_FILES):
        (folder / f"f{number}.txt").write_text("")
    assert len(pack(folder, TARGET).largest) == 3


def test_what_the_sdk_imports_is_what_cannot_be_pinned() -> None:
    code = """
import sys, interlock.sdk.runtime
from importlib.metadata import packages_distributions
tops, owners = {name.split(".")[0] for name in sys.modules}, packages_distributions()
print(*{owner.replace("_", "-").lower() for top in tops for owner in owners.get(top, ())})
"""
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - {"interlock"} == set(FIXED)


def test_a_change_of_a_local_requirement_is_vendored(folder: Path) -> None:
    last = LastVendored()
    lock = (folder / "requirements.lock").read_text()
    options = "".join(line for line in lock.splitlines(keepends=True) if line.startswith("--"))
    (folder / "requirements.txt").write_text(f"{options}./helpers\n")
    for text in (b"WORD = 'one'\n", b"WORD = 'two'\n"):
        helpers(folder, text.decode())
        assert unpacked(pack(folder, TARGET, last).data).files["vendor/helpers.py"] == text
