"""Kill switches on the engine: what is in flight ends within seconds, what is new becomes a dead letter."""

from __future__ import annotations

import time
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict, Failure
from tests.support.kit import Installed, Kit, bundle, eventually, task

WITHIN_SECONDS = 5.0
"""Of a switch, until what is in flight has failed: issue 4's own figure."""
CODE = """
from interlock import Context, step


@step
def tick(value: dict, ctx: Context) -> dict:
    return value
"""
# Nobody says that it is enough: it would go on for hours.
ENDLESS = {
    "StartAt": "Tick",
    "States": {
        "Tick": task("tick", Next="Again"),
        "Again": {"Type": "Wait", "Seconds": 1, "Next": "Enough"},
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.enough", "IsPresent": True, "Next": "Done"}],
            "Default": "Tick",
        },
        "Done": {"Type": "Succeed"},
    },
}
TRIGGER = '\n[[workflows.main.triggers]]\nevent = "switches.tick"\n'


@pytest.fixture(scope="module")
def installed(kit: Kit) -> Installed:
    files = bundle(CODE, {"tick": ""}, {"main": ENDLESS})
    return kit.app(files | {"interlock.toml": files["interlock.toml"] + TRIGGER})


def switch(kit: Kit, installed: Installed, what: str, stopped: str) -> None:
    app = f"/v1/publishers/{installed.app.partition('/')[0]}/apps/{installed.app.partition('/')[2]}"
    who, path = {
        "install": (
            kit.tenants[installed.tenant],
            f"/v1/tenants/{installed.tenant}/installs/{installed.install}/switch",
        ),
        "version": (kit.publisher, f"{app}/versions/{installed.version}/switch"),
        "app": (kit.publisher, f"{app}/switch"),
    }[what]
    who.put(path, {"stopped": stopped})


def ticking(kit: Kit, installed: Installed, run: str) -> bool | None:
    """Whether the run has done a step; None before."""
    try:
        return bool(kit.steps(installed, run)) or None
    except Failure:
        return None


@pytest.mark.parametrize("what", ["install", "version", "app"])
def test_a_kill_switch_stops_runs_within_seconds(kit: Kit, installed: Installed, what: str) -> None:
    client, base = kit.tenants[installed.tenant], f"/v1/tenants/{installed.tenant}"
    run = kit.start(installed, "main")
    eventually(lambda: ticking(kit, installed, run), "its first step")

    begun = time.monotonic()
    switch(kit, installed, what, "it floods us")
    ended = kit.ended(installed, run)
    took = time.monotonic() - begun
    assert (ended["status"], ended["failed"]["error"]) == ("failed", "Interlock.Stopped")
    assert "it floods us" in ended["failed"]["cause"]
    assert took <= WITHIN_SECONDS, f"{took:.1f} s"

    event = client.post(f"{base}/events", {"name": "switches.tick", "data": {"by": what}})

    def kept() -> dict[str, Any] | None:
        letters = client.get(f"{base}/dead", install=installed.install)["letters"]
        return next((row for row in letters if row["event_id"] == event["id"]), None)

    letter = eventually(kept, "the dead letter")
    assert letter["code"] == f"event.{what}-stopped"

    switch(kit, installed, what, "")
    assert client.post(f"{base}/dead/{letter['id']}/redrive")["sent"] == 1
    eventually(lambda: ticking(kit, installed, letter["id"]), "the redriven run")
    stopped_by_hand(kit, installed, letter["id"])


def stopped_by_hand(kit: Kit, installed: Installed, run: str) -> None:
    client, path = kit.tenants[installed.tenant], f"/v1/tenants/{installed.tenant}/runs/{run}/stop"
    client.post(path, {"reason": "seen enough"})
    ended = kit.ended(installed, run)
    assert (ended["status"], ended["failed"]["error"]) == ("aborted", "Interlock.Aborted")
    assert ended["failed"]["cause"].endswith(": seen enough")
    with pytest.raises(Conflict):
        client.post(path, {})
