"""Imported runs with no platform running: explained, compared, and verified against a working copy."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli
from tests.support.debug_session import HERE, Shop

FAULTS = HERE / "faults"
RUNS: dict[str, tuple[str, Any]] = {
    "divide": ("divide", {"total": 3}),
    "fine": ("fine", {"n": 1}),
    "other": ("fine", {"n": 2}),
    "secret": ("secret", {}),
    "leave": ("leave", {}),
    "redacted": ("fine", {"n": 1, "card_token": "4111-1111-1111"}),
}


@pytest.fixture(scope="module")
def runs(shop: Shop) -> dict[str, str]:
    return {name: shop.run(workflow, value) for name, (workflow, value) in RUNS.items()}


@pytest.fixture(scope="module")
def elsewhere(shop: Shop, runs: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A home without a platform, with every run but one imported."""
    folder = tmp_path_factory.mktemp("elsewhere")
    there = Cli(folder / "home")
    for name, run in runs.items():
        file = folder / f"{name}.zip"
        shop.cli.ok("run", "export", run, "--out", str(file), "--with-code")
        if name != "other":
            there.ok("run", "import", str(file))
    return there


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FAULTS, tmp_path / "copy"))


def verified(cli: Cli, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    done = cli("run", "verify", *arguments, "--json")
    return done.code, done.json


def test_an_imported_run_is_explained_from_its_records(shop: Shop, elsewhere: Cli, runs: dict[str, str]) -> None:
    events, there = (cli.ok("run", "explain", runs["divide"])["explanation"] for cli in (shop.cli, elsewhere))
    for word in ("kind", "state", "error", "message", "file", "line", "function", "source", "touched", "fingerprint"):
        assert there[word] == events[word], word
    assert there["good_run"] == ""
    assert elsewhere("run", "explain", runs["fine"], "--json").problem["code"] == "run-succeeded"


def test_a_working_copy_that_does_the_same(elsewhere: Cli, runs: dict[str, str]) -> None:
    fields = [word for name in ("divide", "fine", "secret", "leave") for word in ("--against", runs[name])]
    code, verdicts = verified(elsewhere, "--source", str(FAULTS), *fields)
    assert [row["first"] for row in verdicts] == [None] * 4
    assert (code, {row["same"] for row in verdicts}) == (0, {True})


def test_the_first_difference_of_a_changed_copy(elsewhere: Cli, runs: dict[str, str], copy: Path) -> None:
    steps = copy / "steps.py"
    steps.write_text(steps.read_text() + "\n\n@step\ndef fine(value):\n    return {'changed': True}\n")
    code, (fine, divide) = verified(
        elsewhere, "--source", str(copy), "--against", runs["fine"], "--against", runs["divide"]
    )
    assert (code, fine["same"], fine["first"]["aspect"], divide["same"]) == (3, False, "output", True)
    steps.write_text(steps.read_text() + "\n\n@step\ndef fine(value):\n    import os\n    os._exit(3)\n")
    _, (died,) = verified(elsewhere, "--source", str(copy), "--against", runs["fine"])
    assert (died["first"]["aspect"], died["first"]["b"]["name"]) == ("error", "Interlock.StepExit")


def test_a_bundle_and_a_step_that_is_gone(elsewhere: Cli, runs: dict[str, str], copy: Path) -> None:
    bundle = next((elsewhere.home / "imported" / runs["fine"]).glob("bundle.zip"))
    assert verified(elsewhere, "--bundle", str(bundle), "--against", runs["fine"])[0] == 0
    manifest = copy / "interlock.toml"
    manifest.write_text(manifest.read_text().replace("[steps.fine]", "[steps.finer]"))
    code, (row,) = verified(elsewhere, "--source", str(copy), "--against", runs["fine"])
    assert (code, row["first"]["aspect"], row["first"]["b"]) == (3, "path", "not visited")


def test_redacted_inputs_are_said(elsewhere: Cli, runs: dict[str, str]) -> None:
    code, (row,) = verified(elsewhere, "--source", str(FAULTS), "--against", runs["redacted"])
    assert (code, row["first"]) == (0, None)
    assert any("inputs are redacted" in note for note in row["notes"])


def test_imported_runs_are_compared(shop: Shop, elsewhere: Cli, runs: dict[str, str], tmp_path: Path) -> None:
    done = elsewhere("run", "diff", runs["fine"], runs["redacted"], "--json")
    assert (done.code, {row["aspect"] for row in done.json["differences"]} >= {"input"}) == (3, True)
    file = tmp_path / "fine.zip"
    shop.cli.ok("run", "export", runs["fine"], "--out", str(file))
    shop.cli.ok("run", "import", str(file))
    mixed = shop.cli("run", "diff", runs["fine"], runs["other"], "--json")
    assert (mixed.code, mixed.json["a"], mixed.json["b"]) == (3, runs["fine"], runs["other"])
    assert {row["field"] for row in mixed.json["differences"] if row["aspect"] == "input"} == {"/n"}


def test_runs_that_cannot_be_verified_here(elsewhere: Cli, runs: dict[str, str], tmp_path: Path) -> None:
    against = ("--against", runs["fine"])
    assert elsewhere("run", "verify", *against, "--json").code == 1
    assert elsewhere("run", "verify", "--source", str(FAULTS), "--json").code == 1
    assert elsewhere("run", "verify", "--source", str(tmp_path), *against, "--json").code == 4
    assert elsewhere("run", "verify", "--source", str(FAULTS), "--against", runs["other"], "--json").code == 5
    assert (
        elsewhere("run", "verify", "--source", "scripts/benchmark/app", *against, "--json").problem["code"]
        == "other-app"
    )
