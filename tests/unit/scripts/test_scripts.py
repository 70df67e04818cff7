"""What the scripts decide: which skips are excused, and which rules a file breaks."""

import configparser
import os
import sys
from pathlib import Path

import pytest

from scripts import rules, test

ROOT = Path(__file__).resolve().parents[3]
NAMED = "tests.apps.test_chain::test_chinook_is_tagged_where_it_is_personal_and_nowhere_else"
OF_A_CASE = "tests.unit.asl.test_recorded::test_answer_is_that_of_aws[NOTSET]"
RECORDED = "tests.unit.debugger.test_graph::test_a_history_recorded_from_aws_is_read_without_loss[as text-NOTSET]"


def test_only_named_tests_may_be_skipped_without_the_data(tmp_path: Path) -> None:
    skipped = (NAMED, RECORDED, OF_A_CASE, "tests.unit.x::test_other")
    assert test.not_allowed(skipped, tmp_path) == ("tests.unit.x::test_other",)
    (tmp_path / "data").mkdir()
    assert test.not_allowed(skipped, tmp_path) == (NAMED, RECORDED, "tests.unit.x::test_other")
    (tmp_path / "cases").mkdir()
    assert test.not_allowed(skipped, tmp_path) == skipped


def test_tests_of_mariadb_may_be_skipped_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "cases"):
        (tmp_path / name).mkdir()
    skipped = ("tests.apps.x::test_mariadb_views", "tests.apps.x::test_other")
    monkeypatch.setattr(test.mariadb, "binary", lambda: None)
    assert test.not_allowed(skipped, tmp_path) == ("tests.apps.x::test_other",)
    monkeypatch.setattr(test.mariadb, "binary", lambda: Path("mariadbd"))
    assert test.not_allowed(skipped, tmp_path) == skipped


def test_a_failed_test_is_named_with_the_end_of_its_reason(tmp_path: Path) -> None:
    report = tmp_path / "unit.xml"
    report.write_text(
        f"""<testsuites><testsuite>
        <testcase classname="a.b" file="a/b.py" name="passed"/>
        <testcase classname="a.b" file="a/b.py" name="failed"><failure message="{"x" * 9_000}&#10;the end">a</failure>
        </testcase>
        <testcase classname="a.b" file="a/b.py" name="broken"><error message="no fixture"/></testcase>
        <testcase classname="a.b" file="a/b.py" name="left"><skipped message="no data"/></testcase>
        </testsuite></testsuites>"""
    )
    passed, (failed, broken), skipped = test.read_report(report)
    assert (passed, skipped, str(broken)) == (1, ("a.b::left",), "a/b.py::broken\n    no fixture")
    assert str(failed).startswith("a/b.py::failed\n    xxx") and str(failed).endswith("x\n    the end")
    assert len(str(failed)) < 2 * test.WHY_CHARACTERS


UNSTEADY = """
import os
from pathlib import Path

import pytest

FIRST = Path(os.environ["FIRST"])


@pytest.mark.parametrize("word", ["a b", "c"])
def test_unsteady(word):
    FIRST.mkdir(exist_ok=True)
    before = (FIRST / word).exists()
    (FIRST / word).touch()
    assert before


def test_broken():
    assert 1 == 2


def test_fine():
    pass
"""


def test_failed_tests_run_once_more_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_text(UNSTEADY)
    (folder / "test_b.py").write_text("def test_other():\n    pass\n")
    monkeypatch.setattr(test, "ROOT", tmp_path)
    monkeypatch.setattr(test, "REPORTS", tmp_path)
    monkeypatch.setattr(test, "GROUPS", {"one": ("tests/test_a.py",), "two": ("tests/test_b.py",)})
    environment = dict(os.environ) | {"FIRST": str(tmp_path / "first"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    result = test.run_groups(Path(sys.executable), environment, ["one", "two"], [])
    assert result.passed == 4
    unsteady = [case.test for case in result.unsteady]
    assert unsteady == ["tests/test_a.py::test_unsteady[a b]", "tests/test_a.py::test_unsteady[c]"]
    (failed,) = result.failed
    assert failed.startswith("tests/test_a.py::test_broken\n    assert 1 == 2")


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(tuple(test.Failure(f"a.py::test_{n}", "") for n in range(test.AGAIN_AT_MOST + 1)), id="too many"),
        pytest.param((test.Failure("a.py::test_a", ""), test.Failure("", "pytest ended with 4")), id="did not begin"),
    ],
)
def test_what_is_broken_does_not_run_again(cases: tuple[test.Failure, ...]) -> None:
    assert test.run_again(Path("no-python"), {}, {"one": cases}) == ({"one": cases}, [])


def test_tests_that_may_be_skipped_exist() -> None:
    text = "".join(path.read_text() for folder in ("tests", "app_templates") for path in (ROOT / folder).rglob("*.py"))
    assert all(f"def {name}(" in text for name in test.OF_DATA | test.OF_CASES)


@pytest.mark.parametrize(
    "line", ["# TO" + "DO: later", "x = 1  # no" + "qa", "time.sl" + "eep(1)", "mock.pa" + "tch('x')"]
)
def test_words_that_may_not_be_in_a_file(line: str) -> None:
    assert len(list(rules.broken("a.py", f"x = 1\n{line}\n"))) == 1


def test_names_of_tests_are_short() -> None:
    assert list(rules.broken("a.py", f"def test_{'x' * 55}() -> None: ...\n")) == []
    assert len(list(rules.broken("a.py", f"class A:\n    def test_{'x' * 56}() -> None: ...\n"))) == 1


def test_files_are_short() -> None:
    assert list(rules.broken("a.py", "x\n" * 400)) == []
    assert len(list(rules.broken("a.py", "x\n" * 401))) == 1


def test_every_part_of_the_package_has_a_layer() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:layers"]["layers"]
    parts = {path.parent.name for path in (ROOT / "interlock").glob("*/__init__.py")}
    assert parts <= set(layers.replace("|", " ").replace("(", " ").replace(")", " ").split())


def test_every_test_is_in_a_group() -> None:
    folders = {ROOT / folder for group in test.GROUPS.values() for folder in group}
    files = {path for top in ("tests", "app_templates") for path in (ROOT / top).rglob("test_*.py")}
    assert not [path for path in files if not folders & {path, *path.parents}]


def test_documents_name_the_groups_of_tests() -> None:
    for page in ("CONTRIBUTING.md", "docs/testing.md"):
        assert f": {' '.join(test.GROUPS)}\n" in (ROOT / page).read_text(), page


def test_a_use_case_has_at_most_five_parameters() -> None:
    code = "def act(a, b, c, *, d, e) -> None: ...\ndef _own(a, b, c, d, e, f) -> None: ...\n"
    assert list(rules.broken("interlock/control/runs/act.py", code)) == []
    code += "class A:\n    def act(self, a, b, c, d, e, f) -> None: ...\n"
    assert len(list(rules.broken("interlock/control/runs/act.py", code))) == 1
    assert list(rules.broken("interlock/cli/act.py", code)) == []
