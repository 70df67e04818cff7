"""`run show` and `run watch` on the engine: steps in a Map in a Map are named with both items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli

MANIFEST = """
[app]
id = "acme/cells"
version = "1.0.0"
title = "Cells"
category = "automation"

[steps.look]
handler = "cells:look"

[workflows.main]
definition = "workflows/main.asl.json"
"""
CODE = """
from interlock import step


@step
def look(cell: int) -> int:
    return cell
"""
LOOK = {"Type": "Task", "Resource": "${look}", "End": True}


def each(state: dict[str, Any], name: str) -> dict[str, Any]:
    inner = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": name, "States": {name: state}}
    return {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": inner, "End": True}


@pytest.fixture(scope="module")
def cells(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    place: Path = tmp_path_factory.mktemp("cells")
    (place / "interlock.toml").write_text(MANIFEST)
    (place / "cells.py").write_text(CODE)
    (place / "workflows").mkdir()
    rows = each(each(LOOK, "Look"), "Cells") | {"ItemsPath": "$.rows"}
    definition = {"StartAt": "Rows", "States": {"Rows": rows}}
    (place / "workflows/main.asl.json").write_text(json.dumps(definition))
    cli.ok("app", "publish", str(place))
    cli.ok("install", "add", "acme/cells", "--yes")


@pytest.mark.usefixtures("cells")
def test_steps_have_the_items_of_both_maps(cli: Cli) -> None:
    value = json.dumps({"rows": [[1, 2], [3]]})
    run = cli.ok("run", "start", "acme/cells", "--input", value)["run"]
    watched = cli("run", "watch", run)
    assert watched.code == 0
    assert "Look[0]" in watched.err and "Look[1]" in watched.err
    shown = cli("run", "show", run).out
    assert [name in shown for name in ("Look[0][0]", "Look[0][1]", "Look[1][0]")] == [True, True, True]
    assert [step["index"] for step in cli.ok("run", "show", run)["steps"]] == [0, 1, 0]
