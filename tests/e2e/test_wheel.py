"""The wheel in empty environments outside the repository: what each extra brings, types, and the tutorial."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from readme_renderer.markdown import render

from interlock.local.engine.process import free_port
from tests.support.wheel import ROOT, UV, Partner, build_wheel, partner, remove

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()
BIN = Path(sys.executable).parent
PRIVATE = ("tests/", "scripts/", ".ci/", "app_templates/", "infra/")
TWINE = "twine>=6.1,<7"
FIRST_RUN = 10
"""The most commands from `pip install` to a run that succeeded."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def reader(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Partner]:
    """Who follows the tutorial."""
    place = tmp_path_factory.mktemp("partner")
    result = partner(place, wheel, tools=True)
    yield result
    result.shell("interlock down --yes", place / "work")
    remove(place)


def commands() -> list[str]:
    """The commands of the tutorial, in their order."""
    blocks = re.findall(r"```console\n(.*?)```", TUTORIAL, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_a_wheel_holds_what_the_commands_need_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {name.removeprefix("interlock/_shipped/") for name in names if name.startswith("interlock/_shipped/")}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    wanted = ("app_templates/", "docs/schemas/", "functions/", "infra/", "statemachines/")
    assert {name for name in tracked if name.startswith(wanted)} <= shipped
    assert {"cdk.json", "pyproject.toml", "uv.lock", "console/dist/index.html"} <= shipped
    assert any(name.startswith("console/dist/assets/") and name.endswith(".js") for name in shipped)
    assert {name for name in tracked if name.startswith("interlock/")} <= names
    assert not [name for name in names if name.startswith(PRIVATE) or "__pycache__" in name]


def test_metadata_says_what_it_is_and_its_readme_renders(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    metadata = message_from_bytes(archive.read(name))
    assert {line.partition(",")[0] for line in metadata.get_all("Project-URL", [])} >= {"Homepage", "Documentation"}
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata["License-Expression"] == "Apache-2.0"
    text = str(metadata.get_payload())
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert not re.findall(r"\]\((?!https?://|#)[^)]*\)", text), "a link into the repository leads nowhere on PyPI"
    assert "security, changes." in " ".join(text.split()), "the text of such a link stays"
    rendered = render(text) or ""
    assert "<h1" in rendered and "Interlock is a serverless platform" in rendered


def test_twine_takes_the_wheel(wheel: Path) -> None:
    done = subprocess.run(
        [UV, "tool", "run", "--quiet", TWINE, "check", "--strict", wheel], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "PASSED" in done.stdout, done.stdout + done.stderr


def test_an_absent_extra_is_named_in_one_line(wheel: Path, tmp_path: Path) -> None:
    bare = partner(tmp_path, wheel)
    work = tmp_path / "work"
    assert bare.shell(f"pip install '{wheel}'", work).returncode == 0
    assert bare.shell("python -c 'from interlock import Context, step'", work).returncode == 0
    expected = {"cli": ("up", "app check", "--help"), "local": ("up", "status"), "mcp": ("mcp --tenant t",)}
    for extra, lines in expected.items():
        for line in lines if extra != "mcp" else ():
            done = bare.shell(f"interlock {line}", work)
            assert done.returncode == 1 and done.stdout == "", done.stderr
            first, second = done.stderr.splitlines()
            assert "is not installed" in first and second == f"  pip install 'interlock[{extra}]'"
        if extra == "cli":
            problem = json.loads(bare.shell("interlock up --json", work).stderr)
            assert problem["code"] == "extra-missing"
            assert bare.shell("pip install 'interlock[cli]'", work).returncode == 0
            assert bare.shell("interlock app init studio/hello && interlock app check hello", work).returncode == 0
    remove(tmp_path)


def test_the_tutorial_runs_from_the_wheel(reader: Partner) -> None:
    folder = reader.place / "work"
    outputs: dict[str, str] = {}
    for command in commands():
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        done = reader.shell(f"{command} --port {free_port()}" if command == "interlock up" else command, folder)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr
        outputs[command] = done.stdout
    (call,) = (command for command in commands() if "tool call" in command)
    assert "succeeded" in outputs[call] and '{"text": "Hello, Ada!"}' in outputs[call]
    assert commands().index(call) < FIRST_RUN
    assert "1 passed" in outputs["pytest"]
    data = reader.place / "home" / ".local" / "share" / "interlock"
    profiles = reader.place / "home" / ".config" / "interlock" / "profiles.json"
    assert {path.stat().st_mode & 0o077 for path in (profiles, profiles.parent, data / "platform.json")} == {0}


def test_a_partners_steps_are_typed(reader: Partner) -> None:
    """Under mypy --strict and pyright strict, against the installed wheel alone."""
    folder = reader.place / "work" / "hello"
    checks = {
        "mypy": f"{BIN}/mypy --strict --no-incremental --python-executable {reader.python} hello.py tests",
        "pyright": f"{BIN}/pyright --project strict.json --pythonpath {reader.python}",
    }
    (folder / "strict.json").write_text('{"include": ["."], "typeCheckingMode": "strict"}')
    for check in checks.values():
        assert (done := reader.shell(check, folder)).returncode == 0, done.stdout + done.stderr
    wrong = (folder / "hello.py").read_text().replace("text=f", "txt=f").replace("guest.name}", "guest.nmae}")
    (folder / "hello.py").write_text(wrong)
    for check in checks.values():
        done = reader.shell(check, folder)
        assert done.returncode == 1 and "nmae" in done.stdout, done.stdout


def test_an_editor_checks_the_manifest_by_its_schema(reader: Partner) -> None:
    folder = reader.place / "work" / "hello"
    manifest = folder / "interlock.toml"
    check = f"{BIN}/taplo check {manifest}"
    assert manifest.read_text().startswith("#:schema ./.schema/interlock.json\n")
    assert (done := reader.shell(check, folder)).returncode == 0, done.stderr
    manifest.write_text(manifest.read_text().replace("title =", "titel ="))
    done = reader.shell(check, folder)
    assert done.returncode == 1 and '"title" is a required property' in done.stderr
