"""How a correction is applied to the emulator's source: each edit once, or not at all."""

import importlib
import sys
from pathlib import Path

import pytest

from interlock.local.engine.corrections import ALL
from interlock.local.engine.corrections.edit import Correction, CorrectionDoesNotApply, Edit, apply_edits, install


def correction(*edits: Edit) -> Correction:
    return Correction(name="one", aws="does a", emulator="does b", edits=edits)


def test_edits_of_a_module_apply_in_order() -> None:
    both = correction(Edit("m", "a = 1", "a = 2"), Edit("m", "a = 2", "a = 3"), Edit("other", "a = 1", "a = 9"))
    assert apply_edits("a = 1\nb = 1\n", "m", [both]) == "a = 3\nb = 1\n"


@pytest.mark.parametrize(("source", "times"), [("b = 1\n", 0), ("a = 1\na = 1\n", 2)])
def test_an_edit_that_does_not_occur_once_is_refused_by_name(source: str, times: int) -> None:
    with pytest.raises(CorrectionDoesNotApply, match=f"'one', edit 1: its text occurs {times} times") as caught:
        apply_edits(source, "m", [correction(Edit("m", "a = 1", "a = 2"))])
    assert "'a = 1'" in str(caught.value)


def test_a_package_is_corrected_as_it_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "emulator_of_a_test"
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "service.py").write_text("def answer():\n    return 'wrong'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    install([correction(Edit(f"{name}.service", "'wrong'", "'right'"))], name, package)
    assert importlib.import_module(f"{name}.service").answer() == "right"
    assert "wrong" in (package / "service.py").read_text()


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorrectionDoesNotApply, match="module emulator.absent does not exist"):
        install([correction(Edit("emulator.absent", "a", "b"))], "emulator", tmp_path)


def test_corrections_have_names_of_their_own_and_say_both_sides() -> None:
    assert len({one.name for one in ALL}) == len(ALL)
    assert all(one.aws and one.emulator and one.edits and one.aws != one.emulator for one in ALL)
