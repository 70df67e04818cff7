"""Explain, end to end: one app whose workflows each fail in another way, and what is said of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict, NotFound
from tests.support.kit import Installed, Kit, eventually
from tests.support.planted_bugs import BUGS, files, place

GOOD = {"customer": {"email": "ADA@example.com"}}
BAD = {"customer": {"email": None}}


@pytest.fixture(scope="module")
def app(kit: Kit) -> Installed:
    return kit.app(files(), ("secret:api_key", "state"))


@pytest.fixture(scope="module")
def runs(kit: Kit, app: Installed) -> dict[str, str]:
    """A run of each broken workflow, all at once."""
    return {name: kit.start(app, name, bug.value) for name, bug in BUGS.items()}


def explained(kit: Kit, run: str) -> dict[str, Any]:
    return kit.tenants[kit.tenant].get(f"/v1/tenants/{kit.tenant}/runs/{run}/explain")


@pytest.mark.parametrize("name", BUGS)
def test_the_first_cause_and_its_line(kit: Kit, app: Installed, runs: dict[str, str], name: str) -> None:
    bug = BUGS[name]
    assert kit.ended(app, runs[name])["status"] == "failed"
    view = explained(kit, runs[name])
    result = view["explanation"]
    index = f"[{result['index']}]" if result["index"] is not None else ""
    assert (result["state"] + index, f"{result['file']}:{result['line']}") == (bug.state, place(name, files()))
    assert [word for word in bug.says if word not in view["text"]] == []
    assert [command for command in result["commands"] if command not in view["text"]] == []


def test_differences_from_the_last_good_run(kit: Kit, app: Installed) -> None:
    good = kit.start(app, "caught_good", GOOD)
    assert kit.ended(app, good)["status"] == "succeeded"

    def of_bad() -> dict[str, Any] | None:
        bad = kit.start(app, "caught_good", BAD)
        kit.ended(app, bad)
        result = explained(kit, bad)["explanation"]
        return result if result["good_run"] else None

    result = eventually(of_bad, "a run that knows the good one")
    assert result["good_run"] == good
    rows = [(row["what"], row["where"], row["good"], row["now"]) for row in result["differences"]]
    assert ("input", "customer.email", "text", "null") in rows


def test_the_event_holds_the_same_text(kit: Kit, app: Installed, runs: dict[str, str]) -> None:
    kit.ended(app, runs["helper"])
    text = explained(kit, runs["helper"])["text"]

    def told() -> dict[str, Any] | None:
        rows = kit.tenants[kit.tenant].get(f"/v1/tenants/{kit.tenant}/events")["events"]
        return next((row["detail"] for row in rows if row["detail"].get("run") == runs["helper"]), None)

    detail = eventually(told, "run.failed")
    assert detail["explanation"] == text
    assert (detail["place"], detail["failed"]["state"]) == (place("helper", files()), "Total")
    assert json.loads(json.dumps(detail)) == detail


def test_failures_are_counted_by_fingerprint(kit: Kit, app: Installed, runs: dict[str, str]) -> None:
    client, base = kit.tenants[kit.tenant], f"/v1/tenants/{kit.tenant}"
    kit.ended(app, runs["choice"])
    again = kit.ended(app, kit.start(app, "choice", {"kind": "d"}))
    group = next(row for row in client.get(f"{base}/failures", limit=100)["groups"] if row["run"] == again["id"])
    assert (group["count"], group["state"], group["error"]) == (2, "Pick", "States.NoChoiceMatched")
    result = client.get(f"{base}/runs", fingerprint=group["fingerprint"])["runs"]
    assert {row["id"] for row in result} == {runs["choice"], again["id"]}


def test_a_run_that_cannot_be_explained_is_refused(kit: Kit, app: Installed) -> None:
    with pytest.raises(NotFound):
        explained(kit, "nosuchrun")
    run = kit.start(app, "caught_good", GOOD, stop=(("Mail", "before"),))
    pause = kit.paused(app, run)
    with pytest.raises(Conflict, match="did not fail yet"):
        explained(kit, run)
    kit.decide(app, run, pause["id"])
    kit.ended(app, run)
    with pytest.raises(Conflict, match="succeeded"):
        explained(kit, run)
