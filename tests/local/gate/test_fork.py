"""Forks through the real gate: what ended well is never run again, and what cannot be faithful is refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.core.failure import BadRequest, Conflict, NotFound, Rejected
from tests.support.kit import Installed, Kit, bundle, eventually, task

CODE = """
import json
from pathlib import Path
from pydantic import BaseModel
from interlock import Context, step


class Row(BaseModel):
    file: str
    n: int = 0
    tries: int = 0


def note(ctx, file, word=""):
    with Path(file).open("a") as out:
        out.write(f"{ctx.info.state}{word}\\n")


@step
def work(value, ctx):
    note(ctx, value["file"])
    return value | {"n": value.get("n", 0) + 1}


@step
def typed(value: Row, ctx: Context) -> Row:
    note(ctx, value.file)
    if value.n < 0:
        raise ValueError("negative")
    return Row(file=value.file, n=value.n + 10)


@step
def fragile(value, ctx):
    note(ctx, value["file"])
    if not Path(value["file"] + ".fixed").exists():
        raise KeyError("broken")
    return value | {"n": value.get("n", 0) + 100}


@step
def shaky(value, ctx):
    note(ctx, value["file"])
    if ctx.attempt == 0:
        raise ConnectionError("the first time")
    return value


@step
def item(value, ctx):
    note(ctx, value["file"], f"[{value['item']}]")
    if value["item"] == value.get("bad") and not Path(value["file"] + ".fixed").exists():
        raise KeyError(str(value["item"]))
    return value["item"] * 2


@step
def book(value, ctx):
    seen = ctx.state.get("count") or 0
    ctx.state.put("count", seen + 1)
    note(ctx, value["file"])
    return value | {"count": seen + 1}
"""
RETRY = [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 1, "MaxAttempts": 2}]
OUTER = {"file.$": "$.file", "item.$": "$.row", "bad": -1}
SELECT = {"file.$": "$.file", "bad.$": "$.bad", "item.$": "$$.Map.Item.Value"}


def _map(items: str, processor: dict[str, Any], **more: Any) -> dict[str, Any]:
    result = {"Type": "Map", "ItemsPath": items, "ItemProcessor": processor, "ResultPath": None}
    return result | ({"End": True} if "Next" not in more else {}) | more


LINE = {
    "StartAt": "First",
    "States": {
        "First": task("work", Next="Shaky"),
        "Shaky": task("shaky", Retry=RETRY, Next="Pause"),
        "Pause": {"Type": "Wait", "Seconds": 2, "Next": "Typed"},
        "Typed": task("typed", Next="Fragile"),
        "Fragile": task("fragile", Next="Last"),
        "Last": task("work"),
    },
}
INNER = {"StartAt": "Inner", "States": {"Inner": task("item")}}
NESTED = {
    "StartAt": "First",
    "States": {
        "First": task("work", Next="Both"),
        "Both": {
            "Type": "Parallel",
            "Next": "Last",
            "ResultPath": None,
            "Branches": [
                {
                    "StartAt": "Left",
                    "States": {"Left": task("work", ResultPath=None, Next="Left2"), "Left2": task("work")},
                },
                {
                    "StartAt": "Rows",
                    "States": {
                        "Rows": _map(
                            "$.rows",
                            {
                                "StartAt": "Outer",
                                "States": {
                                    "Outer": task("item", Parameters=OUTER, ResultPath=None, Next="Cells"),
                                    "Cells": _map("$.cells", INNER, ItemSelector=SELECT),
                                },
                            },
                            ItemSelector={
                                "file.$": "$.file",
                                "bad.$": "$.bad",
                                "cells.$": "$.cells",
                                "row.$": "$$.Map.Item.Value",
                            },
                        )
                    },
                },
            ],
        },
        "Last": task("work"),
    },
}
BOOK = {"StartAt": "Book", "States": {"Book": task("book", Next="Fragile"), "Fragile": task("fragile")}}
STEPS: dict[str, str] = dict.fromkeys(("work", "typed", "fragile", "shaky", "item", "book"), "")
MORE = "\n[permissions]\nstate = true\n"


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    return kit.app(bundle(CODE, STEPS, {"line": LINE, "nested": NESTED, "book": BOOK}, MORE), grant=("state",))


def fork(kit: Kit, installed: Installed, run: str, **request: Any) -> dict[str, Any]:
    """Ask for a fork, and wait for its end."""
    subject = kit.tenants[installed.tenant].post(f"/v1/tenants/{installed.tenant}/runs/{run}/forks", request)
    return kit.ended(installed, subject["run"]) | {"reuses": subject["reuses"]}


def calls(file: Path) -> Counter[str]:
    return Counter(file.read_text().splitlines())


def test_a_failed_run_goes_on_from_the_state_that_failed(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "line"
    run = kit.start(installed, "line", {"file": str(file)})
    parent = kit.ended(installed, run)
    assert (parent["status"], parent["failed"]["state"]) == ("failed", "Fragile")
    assert calls(file) == Counter({"First": 1, "Shaky": 2, "Typed": 1, "Fragile": 1})
    file.with_name("line.fixed").touch()

    child = fork(kit, installed, run)
    assert (child["status"], child["reuses"]) == ("succeeded", 3)
    assert child["output"]["value"] == {"file": str(file), "n": 112, "tries": 0}
    assert calls(file) == Counter({"First": 1, "Shaky": 2, "Typed": 1, "Fragile": 2, "Last": 1})
    assert child["fork"]["parent"] == run
    steps = kit.steps(installed, child["id"])
    assert [(row["state"], bool(row["reused"])) for row in steps] == [
        ("First", True),
        ("Shaky", True),
        ("Typed", True),
        ("Fragile", False),
        ("Last", False),
    ]

    patched = fork(kit, installed, run, at="Typed", patch={"n": 5})
    assert patched["output"]["value"]["n"] == 116
    assert calls(file)["First"] == 1
    assert fork(kit, installed, patched["id"], at="Last")["status"] == "succeeded"


def test_an_impossible_fork_is_refused_and_nothing_starts(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "refused"
    run = kit.start(installed, "line", {"file": str(file)})
    kit.ended(installed, run)
    before = calls(file)
    with pytest.raises(NotFound, match="no state 'Nowhere'"):
        fork(kit, installed, run, at="Nowhere")
    with pytest.raises(NotFound, match="run .* does not exist"):
        fork(kit, installed, "a" * 20, at="First")
    with pytest.raises(NotFound, match="was not visited"):
        fork(kit, installed, run, at="Typed@3")
    with pytest.raises(NotFound, match="version .* does not exist"):
        fork(kit, installed, run, at="Typed", version="9.9.9")
    with pytest.raises(Rejected, match="does not have the type") as misfit:
        fork(kit, installed, run, at="Typed", patch={"n": "many"})
    assert "$.n" in misfit.value.findings[0].what
    with pytest.raises(BadRequest, match="must be dry"):
        fork(kit, installed, run, whole=True)
    file.with_name("refused.fixed").touch()
    first = fork(kit, installed, run)
    second = fork(kit, installed, first["id"], at="Last")
    third = fork(kit, installed, second["id"], at="Last")
    assert (third["status"], third["fork"]["depth"], third["fork"]["root"]) == ("succeeded", 3, run)
    held = kit.start(installed, "line", {"file": str(file)}, stop=(("First", "before"),))
    pause = kit.paused(installed, held)
    with pytest.raises(Conflict, match="the run is paused"):
        fork(kit, installed, held, at="First")
    kit.decide(installed, held, pause["id"])
    assert calls(file)["First"] - before["First"] <= 1


def test_parallel_and_nested_maps(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "nested"
    value: dict[str, Any] = {"file": str(file), "rows": [1, 2, 3], "cells": [10, 11, 12, 13], "bad": 99}
    run = kit.start(installed, "nested", value)
    parent = kit.ended(installed, run)
    assert parent["status"] == "succeeded"
    once = Counter({"First": 1, "Left": 1, "Left2": 1, "Last": 1})
    once += Counter({f"Outer[{row}]": 1 for row in (1, 2, 3)}) + Counter(
        {f"Inner[{cell}]": 3 for cell in value["cells"]}
    )
    assert calls(file) == once

    child = fork(kit, installed, run, at="Last")
    assert child["output"]["value"] == parent["output"]["value"]
    assert calls(file) - once == Counter({"Last": 1})
    with pytest.raises(BadRequest, match="visited 12 times"):
        fork(kit, installed, run, at="Inner")
    before = calls(file)
    child = fork(kit, installed, run, at="Inner[2]@2")
    assert child["output"]["value"] == parent["output"]["value"]
    assert calls(file) - before == Counter({"Inner[12]": 1, "Last": 1})
    before = calls(file)
    child = fork(kit, installed, run, at="Left")
    assert calls(file) - before == Counter({"Left": 1, "Left2": 1, "Last": 1})


def test_a_failed_item_runs_again_and_the_others_do_not(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "items"
    value = {"file": str(file), "rows": [1], "cells": [10, 11, 12, 13], "bad": 12}
    run = kit.start(installed, "nested", value)
    assert kit.ended(installed, run)["status"] == "failed"
    before = calls(file)
    file.with_name("items.fixed").touch()
    child = fork(kit, installed, run, accept=["fork.unknown-end"])
    assert child["status"] == "succeeded", child["failed"]
    again = calls(file) - before
    ended = {row["state"] for row in kit.steps(installed, run) if row["status"] == "succeeded"}
    assert again["Inner[12]"] == 1 and again["Last"] == 1
    assert not {"First", "Left"} & again.keys() & ended


def test_a_dry_fork_performs_nothing(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "dry"
    file.with_name("dry.fixed").touch()
    run = kit.start(installed, "book", {"file": str(file)})
    assert kit.ended(installed, run)["output"]["value"]["count"] == 1
    child = fork(kit, installed, run, whole=True, dry=True)
    assert child["output"]["value"]["count"] == 1
    book = next(row for row in kit.steps(installed, child["id"]) if row["state"] == "Book")
    assert [(effect["op"], effect["performed"]) for effect in book["effects"]] == [("get", False), ("put", False)]
    with pytest.raises(Rejected) as refused:
        fork(kit, installed, child["id"], at="Book")
    assert [row.code for row in refused.value.findings] == ["fork.dry-parent"]
    again = kit.start(installed, "book", {"file": str(file)}, stop=())
    assert kit.ended(installed, again)["output"]["value"]["count"] == 2, json.dumps(child)


def job_begun(kit: Kit, tenant: str, **request: Any) -> str:
    """The id of a fork job of these runs."""
    return str(kit.tenants[tenant].post(f"/v1/tenants/{tenant}/fork-jobs", request)["id"])


def job_ended(kit: Kit, tenant: str, job: str) -> dict[str, Any]:
    """A fork job, once it is done."""

    def done() -> dict[str, Any] | None:
        state = kit.tenants[tenant].get(f"/v1/tenants/{tenant}/fork-jobs/{job}")
        return state if state["status"] == "done" else None

    return eventually(done, f"the end of fork job {job}")


def job_done(kit: Kit, tenant: str, **request: Any) -> dict[str, Any]:
    """A fork job of these runs, once it is done."""
    return job_ended(kit, tenant, job_begun(kit, tenant, **request))


def test_two_bulk_forks_at_once_fork_each_run_once(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "twice"
    runs = [kit.start(installed, "book", {"file": str(file)}) for _ in range(7)]
    assert {kit.ended(installed, run)["status"] for run in runs} == {"failed"}
    file.with_name("twice.fixed").touch()
    # The runs start side by side, so the first one that was asked for need not be the first to start.
    chosen = {"workflow": "book", "since": min(kit.ended(installed, run)["started"] for run in runs)}
    begun = [job_begun(kit, installed.tenant, filter=chosen) for _ in range(2)]
    jobs = [job_ended(kit, installed.tenant, job) for job in begun]
    rows = [row for job in jobs for row in job["rows"] if row["fork"]]
    assert Counter(row["run"] for row in rows) == Counter(runs)
    assert [job["failed"] for job in jobs] == [0, 0]
    assert {kit.ended(installed, row["fork"])["status"] for row in rows} == {"succeeded"}
    assert calls(file) == Counter({"Book": 7, "Fragile": 14})


def test_bulk_fork_goes_on_once_and_then_forks_none(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "bulk"
    runs = [kit.start(installed, "book", {"file": str(file)}) for _ in range(7)]
    assert {kit.ended(installed, run)["status"] for run in runs} == {"failed"}
    file.with_name("bulk.fixed").touch()
    begun = min(kit.ended(installed, run)["started"] for run in runs)
    chosen = {"workflow": "book", "since": begun}
    count = job_done(kit, installed.tenant, filter=chosen, count_only=True)
    assert (count["total"], count["forked"], sorted(count["waiting"])) == (7, 0, sorted(runs))

    job = job_done(kit, installed.tenant, filter=chosen, key="bulk")
    assert (job["total"], job["forked"], job["failed"], job["skipped"]) == (7, 7, 0, {})
    assert {kit.ended(installed, row["fork"])["status"] for row in job["rows"]} == {"succeeded"}
    assert calls(file) == Counter({"Book": 7, "Fragile": 14})

    assert job_done(kit, installed.tenant, filter=chosen, key="bulk")["rows"] == job["rows"]
    again = job_done(kit, installed.tenant, filter=chosen, key="bulk-2")
    assert (again["total"], again["forked"], again["skipped"]) == (7, 0, {"redriven": 7})
    assert calls(file) == Counter({"Book": 7, "Fragile": 14})
