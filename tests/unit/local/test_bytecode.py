"""The bytecode of corrected modules: read again for the same source, written anew for all else."""

from pathlib import Path
from types import CodeType

import pytest

from interlock.local.engine.corrections.bytecode import compiled


def value_of(code: CodeType) -> object:
    names: dict[str, object] = {}
    exec(code, names)
    return names["value"]


def cached(folder: Path) -> Path:
    return folder / "__pycache__" / "service.corrected"


def test_the_same_source_is_compiled_once(tmp_path: Path) -> None:
    module = tmp_path / "service.py"
    assert value_of(compiled("value = 1", module)) == 1
    written = cached(tmp_path).stat()
    assert value_of(compiled("value = 1", module)) == 1
    assert cached(tmp_path).stat().st_ino == written.st_ino


def test_another_source_takes_the_place_of_the_first(tmp_path: Path) -> None:
    module = tmp_path / "service.py"
    compiled("value = 1", module)
    before = cached(tmp_path).read_bytes()
    assert value_of(compiled("value = 2", module)) == 2
    assert cached(tmp_path).read_bytes() != before
    assert [one.name for one in cached(tmp_path).parent.iterdir()] == ["service.corrected"]


@pytest.mark.parametrize("cut", [0, 10, 32, 70, -1], ids=str)
def test_a_file_that_is_cut_is_written_anew(tmp_path: Path, cut: int) -> None:
    module = tmp_path / "service.py"
    compiled("value = 1", module)
    whole = cached(tmp_path).read_bytes()
    cached(tmp_path).write_bytes(whole[:cut])
    assert value_of(compiled("value = 1", module)) == 1
    assert cached(tmp_path).read_bytes() == whole


def test_a_changed_byte_of_the_code_is_noticed(tmp_path: Path) -> None:
    module = tmp_path / "service.py"
    compiled("value = 1", module)
    whole = cached(tmp_path).read_bytes()
    cached(tmp_path).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    compiled("value = 1", module)
    assert cached(tmp_path).read_bytes() == whole


def test_a_folder_that_takes_no_file_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").write_text("a file where the folder should be")
    assert value_of(compiled("value = 1", tmp_path / "service.py")) == 1
