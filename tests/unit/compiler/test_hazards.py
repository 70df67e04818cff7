"""Files of a bundle that would change its interpreter, cannot run there, or hold a secret are findings."""

import pytest

from interlock.compiler.archive import Bundle
from interlock.compiler.hazards import check_hazards
from interlock.contract.core.finding import Severity
from interlock.contract.manifest import Target

TARGET = Target(python="3.13", architecture="arm64")


def elf(machine: int) -> bytes:
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(40)


def codes(files: dict[str, bytes], target: Target | None = TARGET) -> list[tuple[str, str]]:
    bundle = Bundle(files=files, digest="0" * 64, size=1)
    return [(row.code.removeprefix("code."), row.where) for row in check_hazards(bundle, target)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"json.py": b""}, [("shadow", "json.py")]),
        ({"types/__init__.py": b""}, [("shadow", "types/__init__.py")]),
        ({"vendor/enum.py": b""}, [("shadow", "vendor/enum.py")]),
        ({"pydantic/__init__.py": b""}, [("shadow", "pydantic/__init__.py")]),
        ({"sitecustomize.py": b""}, [("startup", "sitecustomize.py")]),
        ({"vendor/usercustomize.py": b""}, [("startup", "vendor/usercustomize.py")]),
        ({"vendor/evil.pth": b"import os"}, [("startup", "vendor/evil.pth")]),
        ({"vendor/a/b.so": elf(62)}, [("native", "vendor/a/b.so")]),
        ({"vendor/a/libx.so.6": elf(3)}, [("native", "vendor/a/libx.so.6")]),
        ({"vendor/a/b.pyd": b"MZ"}, [("native", "vendor/a/b.pyd")]),
        (
            {"vendor/a/b.cpython-311-aarch64-linux-gnu.so": elf(183)},
            [("native", "vendor/a/b.cpython-311-aarch64-linux-gnu.so")],
        ),
        ({"app/keys.py": b"x = 1\nKEY = 'AKIA" + b"Q" * 16 + b"'"}, [("secret", "app/keys.py:2")]),
        ({"id": b"-----BEGIN RSA PRIVATE KEY-----\n" + b"A" * 64}, [("secret", "id:1")]),
        ({"app/a.txt": b"ghp_" + b"a1" * 18}, [("secret", "app/a.txt:1")]),
        ({".env.local": b"A=1"}, [("secret", ".env.local")]),
        ({"requirements.txt": b"requests==2.0\n"}, [("unhashed", "requirements.txt")]),
        ({"requirements.lock": b"a==1 \\\n    --hash=sha256:0\nb==2\n"}, [("unhashed", "requirements.lock")]),
    ],
)
def test_a_hazard_is_a_finding_at_its_file(files: dict[str, bytes], expected: list[tuple[str, str]]) -> None:
    assert codes(files) == expected


@pytest.mark.parametrize(
    "files",
    [
        {"app/json.py": b"", "app/types.py": b"", "tests/test_a.py": b""},
        {"vendor/pydantic/__init__.py": b"", "vendor/a/distutils.pth": b""},
        {"vendor/a/b.cpython-313-aarch64-linux-gnu.so": elf(183), "vendor/a/c.abi3.so": elf(183)},
        {"README.md": b"AKIAIOSFODNN7EXAMPLE and postgresql://user:password@host/db and sk-loading-spinner"},
        {"app/a.py": b"HEADER = '-----BEGIN PRIVATE KEY-----'"},
        {"vendor/lib/keys.py": b"AKIA" + b"Q" * 16},
        {"requirements.txt": b"# nothing\n-r other.txt\n"},
        {
            "requirements.txt": b"a==1",
            "requirements.lock": b"# a comment\na==1 ; python_version > '3' \\\n --hash=sha256:0",
        },
    ],
)
def test_ordinary_files_have_no_findings(files: dict[str, bytes]) -> None:
    assert codes(files) == []


def test_native_code_without_a_target_is_a_finding() -> None:
    assert codes({"vendor/a/b.so": elf(183)}, None) == [("native", "vendor/a/b.so")]


def test_what_may_be_meant_is_a_warning() -> None:
    bundle = Bundle(files={".env": b"", "requirements.txt": b"a", "code.py": b""}, digest="0" * 64, size=1)
    assert {row.severity for row in check_hazards(bundle, TARGET)} == {Severity.WARNING}
