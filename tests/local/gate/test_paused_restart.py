"""Paused inside a Parallel branch and a Map item, the platform restarted, resumed with edited input: ends well.

So does a version that waits for a person: its workflow begins anew, and nobody is asked a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.local.platform import down, up
from tests.support.gate_workflows import WIDE
from tests.support.kit import PUBLISH_SECONDS, Kit, bundle, eventually, kit_of, single, task
from tests.support.platforms import running_platform
from tests.support.silent import Silent

CODE = """
from pathlib import Path
from interlock import step


@step
def work(value, ctx):
    with Path(value["file"]).open("a") as out:
        out.write(f"{ctx.info.state} {value['n']}\\n")
    return {"file": value["file"], "n": value["n"] * 2}
"""
FIRST: dict[str, Any] = {"First": task("work", Next="Both"), "Both": WIDE["States"]["Both"]}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A platform of its own, because it is stopped."""
    with running_platform(tmp_path_factory.mktemp("paused")) as platform, kit_of(platform) as kit:
        yield kit


def test_two_pauses_survive_a_restart(own: Kit, tmp_path: Path) -> None:
    file = tmp_path / "calls"
    first = FIRST | {"First": FIRST["First"] | {"ResultPath": None}}
    installed = own.app(bundle(CODE, {"work": ""}, {"wide": {"StartAt": "First", "States": first}}))
    value = {"file": str(file), "n": 1, "rows": [10, 20, 30]}
    run = own.start(installed, "wide", value, stop=(("Left", "before"), ("Item", "before")))
    two = eventually(lambda: result if len(result := own.pauses(installed, run)) == 2 else None, "two pauses")
    eventually(
        lambda: True if sum(row["status"] == "succeeded" for row in own.steps(installed, run)) == 3 else None,
        "the other items",
    )
    approval = ask_for_review(own)
    before = Counter(file.read_text().splitlines())
    place = own.platform.place
    down(place)
    assert list(up(Silent(), place).recovered) == [run]

    again = eventually(lambda: result if len(result := own.pauses(installed, run)) == 2 else None, "the same pauses")
    assert {row["id"] for row in again} == {row["id"] for row in two}
    for pause in again:
        edited = 500 if pause["state"] == "Left" else 700
        own.decide(installed, run, pause["id"], edited=True, input={"file": str(file), "n": edited})
    result = own.ended(installed, run)
    assert (result["status"], result["recovered"]) == ("succeeded", 1), result["failed"]
    left, rows = result["output"]["value"]
    stopped = next(row["index"] for row in two if row["state"] == "Item")
    assert left["n"] == 1000
    assert [row["n"] for row in rows] == [1400 if index == stopped else 20 * (index + 1) for index in range(3)]
    after = Counter(file.read_text().splitlines())
    assert after - before == Counter({"Left 500": 1, "Item 700": 1})
    assert set(after.values()) == {1}
    assert [row["id"] for row in own.operator.get("/v1/approvals")["approvals"]] == [approval]
    own.operator.post(f"/v1/approvals/{approval}", {"approve": True})
    listed = eventually(
        lambda: result if (result := version_of(own))["status"] == "listed" else None, "the listing", PUBLISH_SECONDS
    )
    assert (listed["level"], listed["review"]["approval"]) == ("reviewed", approval)


def ask_for_review(own: Kit) -> str:
    """A version whose workflow waits for a person; the approval."""
    files = bundle(CODE, {"work": ""}, {"main": single(task("work"))})
    app = f"{own.publisher.profile.id}/looked-at"
    own.upload("looked-at", {path: text.replace("APP", app) for path, text in files.items()}, review=True)

    def waiting() -> str | None:
        result = own.operator.get("/v1/approvals")["approvals"]
        return result[0]["id"] if result else None

    return eventually(waiting, "the question", PUBLISH_SECONDS)


def version_of(own: Kit) -> dict[str, Any]:
    return own.publisher.get(f"/v1/publishers/{own.publisher.profile.id}/apps/looked-at/versions/1.0.0")
