"""The corpus itself: every app is labelled, its label is true of its files, and both its versions can be published."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from scripts.scoring.apps import KINDS, App, load_apps, planned, zipped

APPS = load_apps()
BY_NAME = {app.name: app for app in APPS}
MAX_REFUSED = 6
"""Apps whose failure has no step that could be debugged: they have to stay the exception."""


def states(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every state by name, those inside Parallel and Map too."""
    result: dict[str, dict[str, Any]] = {}
    todo = [definition]
    while todo:
        for name, state in todo.pop()["States"].items():
            result[name] = state
            todo += [part for part in (*state.get("Branches", ()), state.get("ItemProcessor")) if part]
    return result


def test_sixty_six_apps_of_twenty_kinds() -> None:
    counts = Counter(app.label.kind for app in APPS)
    assert len(APPS) == 66
    assert set(counts) == set(KINDS) and len(KINDS) == 20
    assert all(2 <= count <= 6 for count in counts.values())
    assert sum(app.label.debug.stop == "none" for app in APPS) <= MAX_REFUSED


def test_no_two_apps_are_the_same() -> None:
    codes = [text for app in APPS for path, text in app.files.items() if path.endswith(".py") and text.strip()]
    assert len(set(codes)) == len(codes)
    assert len({app.files["workflows/main.asl.json"] for app in APPS}) == len(APPS)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_label_is_true_of_its_files(name: str) -> None:
    label, files = BY_NAME[name].label, BY_NAME[name].files
    for file, line, text in ((label.file, label.line, label.text), label.stop_place):
        assert files[file].splitlines()[line - 1].strip() == text
    flow = states(json.loads(files["workflows/main.asl.json"]))
    assert label.position.state in flow
    assert label.fork_at == "" or label.fork_at in flow
    if label.file.endswith(".json"):
        assert label.text == f'"{label.position.state}": {{'
    debug = label.debug
    assert bool(debug.reason) == (debug.stop == "none")
    assert bool(debug.argument) == (debug.stop == "first")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_fix_differs_and_adds_nothing(name: str) -> None:
    app: App = BY_NAME[name]
    assert app.fixes
    for path, text in app.fixes.items():
        assert path in app.files and app.files[path] != text


@pytest.mark.parametrize("name", BY_NAME)
def test_both_versions_can_be_published(name: str) -> None:
    app = BY_NAME[name]
    before, after = planned(zipped(app.files)), planned(zipped(app.fixed))
    assert (before.manifest.app.id, before.manifest.app.version) == (f"corpus/{name}", "1.0.0")
    assert after.manifest.app.version == "1.0.1"
    assert after.manifest.permissions == before.manifest.permissions
    assert zipped(app.files) == zipped(app.files)
