"""Which files of an app's folder are packed."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlock.cli.apps.own_files import own_files
from interlock.contract.core.failure import BadRequest

MANIFEST = """
[app]
id = "acme/app"

[steps.one]
handler = "HANDLER"

[workflows.main]
definition = "build/flow.asl.json"

[[tests]]
workflow = "main"
input = "tests/one.input.json"
expect = ".hidden/one.expect.json"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, {"interlock.toml": MANIFEST.replace("HANDLER", "app.steps:one"), "app/steps.py": "import json\n"})
    return tmp_path.resolve()


def put(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def packed(folder: Path) -> set[str]:
    return set(own_files(folder).files) - {"interlock.toml", "app/steps.py"}


def test_what_tools_leave_is_not_packed(folder: Path) -> None:
    put(
        folder,
        {
            ".git/config": "",
            ".env": "",
            "__pycache__/steps.pyc": "",
            "app/__pycache__/steps.pyc": "",
            "app/old.pyc": "",
            "app.egg-info/PKG-INFO": "",
            "node_modules/a/b.js": "",
            "venv/pyvenv.cfg": "",
            "venv/lib/x.py": "",
            "cache/CACHEDIR.TAG": "",
            "cache/x.bin": "",
            "build/lib/app/steps.py": "",
            "dist/app.whl": "",
            "tests/test_steps.py": "import app.steps",
            "vendor/requests/__init__.py": "",
        },
    )
    assert packed(folder) == set()
    assert own_files(folder).left_out == ("build/", "dist/", "tests/", "vendor/")


def test_folders_that_the_code_imports_are_packed(folder: Path) -> None:
    put(
        folder,
        {
            "app/steps.py": "def one(value):\n    from build.rules import apply\n",
            "build/rules.py": "import vendor.words\n",
            "build/data/rules.json": "{}",
            "vendor/words.py": "",
            "tests/test_steps.py": "import dist\n",
            "dist/x.py": "",
            "app/vendor/six.py": "",
            "app/tests/data.json": "{}",
        },
    )
    assert packed(folder) == {
        "build/rules.py",
        "build/data/rules.json",
        "vendor/words.py",
        "app/vendor/six.py",
        "app/tests/data.json",
    }
    assert own_files(folder).left_out == ("dist/", "tests/")


def test_folder_of_a_handler_is_packed(folder: Path) -> None:
    put(folder, {"interlock.toml": MANIFEST.replace("HANDLER", "tests.steps:one"), "tests/steps.py": ""})
    assert packed(folder) == {"tests/steps.py"}


def test_files_that_the_manifest_names_are_packed_anywhere(folder: Path) -> None:
    named = {"build/flow.asl.json": "{}", "tests/one.input.json": "{}", ".hidden/one.expect.json": "{}"}
    put(folder, named | {"build/other.json": "{}", "tests/two.input.json": "{}"})
    assert packed(folder) == set(named)
    assert own_files(folder).left_out == ("build/", "tests/")


def test_links_inside_the_folder_are_packed_as_files(folder: Path) -> None:
    put(folder, {"shared/words.txt": "one"})
    (folder / "app" / "words.txt").symlink_to("../shared/words.txt")
    (folder / "app" / "shared").symlink_to("../shared")
    assert packed(folder) == {"shared/words.txt", "app/words.txt", "app/shared/words.txt"}
    assert {path.read_text() for name, path in own_files(folder).files.items() if "words" in name} == {"one"}


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("/etc/hostname", "leads out of"),
        ("nothing", "leads to nothing"),
        ("..", "leads back to"),
        (".", "leads back to"),
    ],
)
def test_bad_link_is_refused(folder: Path, target: str, what: str) -> None:
    (folder / "app" / "link").symlink_to(target)
    with pytest.raises(BadRequest, match=what) as refused:
        own_files(folder)
    assert refused.value.code == "bad-link"
    assert refused.value.where.endswith("app/link")


@pytest.mark.parametrize("name", ["..", "/etc/hostname", "../outside.txt", "a\0b", "x" * 2_000, ""])
def test_manifest_that_names_what_is_outside_packs_nothing_of_it(folder: Path, name: str) -> None:
    (folder.parent / "outside.txt").write_text("secret")
    put(folder, {"interlock.toml": MANIFEST.replace("HANDLER", name.replace("\0", "\\u0000"))})
    assert packed(folder) == set()


@pytest.mark.parametrize("text", ["[app", "", "steps = 1", "[steps]\none = 2"])
def test_manifest_that_cannot_be_read_is_packed(folder: Path, text: str) -> None:
    put(folder, {"interlock.toml": text, "app/bad.py": "def (:\n", "tests/x.py": ""})
    assert packed(folder) == {"app/bad.py"}
