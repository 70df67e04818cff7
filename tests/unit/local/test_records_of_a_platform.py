"""What a local platform leaves in its folder: the stamp of its sources, and a record that only its owner reads."""

from pathlib import Path

import pytest

from interlock.local.home import VARIABLE, home
from interlock.local.record import PlatformRecord, read_platform, write_platform
from interlock.local.stamp import INPUTS, stamp

RECORD = PlatformRecord(stamp="s", endpoint_url="http://127.0.0.1:1", region="us-east-1", account="0")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with one file of each input."""
    for name in INPUTS:
        path = tmp_path / name
        path = path if path.suffix else path / "module.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_of_any_input_changes_the_stamp(sources: Path, name: str) -> None:
    before = stamp(sources, "e")
    path = sources / name if (sources / name).is_file() else sources / name / "module.py"
    path.write_text("changed")
    assert stamp(sources, "e") != before


def test_a_stamp_is_the_same_for_the_same_files_and_endpoint(sources: Path) -> None:
    assert stamp(sources, "e") == stamp(sources, "e") != stamp(sources, "another")
    (sources / "infra" / "__pycache__").mkdir()
    (sources / "infra" / "__pycache__" / "module.pyc").write_bytes(b"x")
    (sources / "README.md").write_text("no input")
    assert stamp(sources, "e") == stamp(sources, "e")


def test_two_files_are_not_one_with_both_texts(sources: Path) -> None:
    before = stamp(sources, "e")
    (sources / "functions" / "more.py").write_text("")
    assert stamp(sources, "e") != before


def test_a_record_is_for_its_owner_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "platform.json"
    write_platform(path, RECORD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_platform(path) == RECORD
    write_platform(path, RECORD.model_copy(update={"stamp": ""}))
    assert read_platform(path) == RECORD.model_copy(update={"stamp": ""})
    assert [file.name for file in tmp_path.iterdir()] == ["platform.json"]


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"stamp": 1}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "platform.json"
    if text is not None:
        path.write_text(text)
    assert read_platform(path) is None


def test_a_home_is_named_or_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert home().root == tmp_path / "elsewhere"
    named = home(tmp_path / "named", tmp_path / "tools")
    assert (named.root, named.tools) == (tmp_path / "named", tmp_path / "tools")
    assert named.record.parent == named.engine.parent == named.deploy.parent == named.root
