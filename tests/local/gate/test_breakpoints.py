"""Breakpoints on production runs: conditions, counts, expiry; pauses that are edited, retried, skipped and failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from interlock.contract.core.failure import BadRequest, Conflict, Forbidden, NotFound, Rejected
from tests.support.gate_workflows import WIDE
from tests.support.kit import Installed, Kit, bundle, eventually, task

CODE = """
from pathlib import Path
from pydantic import BaseModel
from interlock import Context, step


class Row(BaseModel):
    file: str
    n: int = 0


@step
def work(value: Row, ctx: Context) -> Row:
    with Path(value.file).open("a") as out:
        out.write(f"{ctx.info.state} {value.n}\\n")
    if value.n < 0:
        raise ValueError("negative")
    return Row(file=value.file, n=value.n + 1)
"""
CAUGHT = [{"ErrorEquals": ["Mine"], "ResultPath": "$.why", "Next": "Last"}]
LINE = {
    "StartAt": "A",
    "States": {"A": task("work", Next="B"), "B": task("work", Catch=CAUGHT, Next="Last"), "Last": task("work")},
}


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    return kit.app(bundle(CODE, {"work": ""}, {"line": LINE, "wide": WIDE}))


def break_at(kit: Kit, path: str, publisher: bool = False, **request: Any) -> dict[str, Any]:
    client = kit.publisher if publisher else kit.tenants[kit.tenant]
    return client.post(f"{path}/breakpoints", request)


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_a_condition_a_count_and_an_expiry(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    install = f"/v1/tenants/{kit.tenant}/installs/{installed.install}"
    with pytest.raises(BadRequest, match="not a JSONata expression"):
        break_at(kit, install, state="Item", condition="input.n >")
    with pytest.raises(BadRequest, match="end in the past"):
        break_at(kit, install, state="Item", until="2020-01-01T00:00:00.000Z")
    rule = break_at(kit, install, state="I*", condition="input.n >= 20 and input.n < 40", hits=2, once=True)
    file = tmp_path / "wide"
    run = kit.start(installed, "wide", {"file": str(file), "n": 1, "rows": [10, 20, 30, 40, 50]})
    pause = kit.paused(installed, run)
    assert pause["input"]["value"]["n"] in (20, 30) and pause["breakpoint"] == rule["id"]
    shown = kit.tenants[kit.tenant].get(f"{install}/breakpoints")["breakpoints"]
    assert [(row["hits"], row["spent"]) for row in shown] == [(2, True)]
    kit.decide(installed, run, pause["id"])
    assert [row["n"] for row in kit.ended(installed, run)["output"]["value"][1]] == [11, 21, 31, 41, 51]
    kit.tenants[kit.tenant].delete(f"{install}/breakpoints/{rule['id']}")
    with pytest.raises(NotFound):
        kit.tenants[kit.tenant].delete(f"{install}/breakpoints/{rule['id']}")
    assert sorted(lines(file)) == sorted(["Left 1", *(f"Item {n}" for n in (10, 20, 30, 40, 50))])


def test_one_item_of_a_map_and_a_version(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    publisher, name = installed.app.split("/")
    version = f"/v1/publishers/{publisher}/apps/{name}/versions/{installed.version}"
    rule = break_at(kit, version, publisher=True, state="Item[2]", at="after")
    unseen = kit.start(installed, "wide", {"file": str(tmp_path / "unseen"), "n": 1, "rows": [7, 8, 9]})
    assert kit.ended(installed, unseen)["status"] == "succeeded"
    kit.tenants[kit.tenant].post(f"/v1/tenants/{kit.tenant}/support", {"app": installed.app})
    run = kit.start(installed, "wide", {"file": str(tmp_path / "f"), "n": 1, "rows": [7, 8, 9]})
    pause = kit.paused(installed, run)
    assert (pause["index"], pause["at"], pause["output"]["value"]["n"]) == (2, "after", 10)
    kit.publisher.delete(f"{version}/breakpoints/{rule['id']}")
    with pytest.raises(Rejected, match="does not have the type"):
        kit.decide(installed, run, pause["id"], action="output", output={"n": "none"})
    kit.decide(installed, run, pause["id"], action="output", output={"file": "", "n": 99})
    assert [row["n"] for row in kit.ended(installed, run)["output"]["value"][1]] == [8, 9, 99]
    with pytest.raises(Forbidden):
        kit.tenants[kit.tenant].post(f"{version}/breakpoints", {"state": "Item"})


def test_step_by_step_with_an_edit_a_retry_and_an_error(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    file = tmp_path / "line"
    run = kit.start(installed, "line", {"file": str(file), "n": 1}, stop=(("A", "before"),))
    pause = kit.paused(installed, run)
    with pytest.raises(Rejected, match="does not have the type"):
        kit.decide(installed, run, pause["id"], edited=True, input={"n": "x"})
    with pytest.raises(BadRequest, match="has not run yet"):
        kit.decide(installed, run, pause["id"], action="retry")
    kit.decide(installed, run, pause["id"], edited=True, input={"file": str(file), "n": 5}, step=True)
    again = eventually(lambda: next((row for row in kit.pauses(installed, run) if row["state"] == "B"), None), "B")
    break_at(kit, f"/v1/tenants/{kit.tenant}/runs/{run}", state="B", at="after")
    assert again["input"]["value"]["n"] == 6
    kit.decide(installed, run, again["id"])
    after = eventually(lambda: next((row for row in kit.pauses(installed, run) if row["at"] == "after"), None), "B ran")
    break_at(kit, f"/v1/tenants/{kit.tenant}/runs/{run}", state="B", at="after")
    kit.decide(installed, run, after["id"], action="retry")
    third = eventually(
        lambda: next((r for r in kit.pauses(installed, run) if r["at"] == "after" and r["id"] != after["id"]), None),
        "B ran again",
    )
    kit.decide(installed, run, third["id"], action="error", error="Mine", cause="by hand")
    result = kit.ended(installed, run)
    assert (result["status"], result["output"]["value"]["n"]) == ("succeeded", 7)
    assert lines(file) == ["A 5", "B 6", "B 6", "Last 6"]
    with pytest.raises(Conflict, match="the run is succeeded"):
        break_at(kit, f"/v1/tenants/{kit.tenant}/runs/{run}", state="A")


def test_two_people_resume_one_pause(kit: Kit, installed: Installed, tmp_path: Path) -> None:
    run = kit.start(installed, "line", {"file": str(tmp_path / "f"), "n": 1}, stop=(("B", "before"),))
    pause = kit.paused(installed, run)

    def resume(number: int) -> str:
        try:
            kit.decide(installed, run, pause["id"], edited=True, input={"file": str(tmp_path / "f"), "n": number})
        except Conflict as conflict:
            return conflict.code
        return "won"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(resume, (100, 200, 300, 400)))
    assert answers == ["pause-taken"] * 3 + ["won"]
    assert kit.ended(installed, run)["output"]["value"]["n"] in (102, 202, 302, 402)
    assert len(lines(tmp_path / "f")) == 3
