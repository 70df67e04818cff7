"""The clock of approvals, by the real time: what nobody decides ends, and others are asked."""

from __future__ import annotations

from typing import Any

from tests.support.kit import Kit, eventually
from tests.support.unanswered import Unanswered

CLOCK_SECONDS = 180
"""The clock of approvals comes by each minute."""


def test_the_clock_ends_what_nobody_decides_and_asks_others(kit: Kit, unanswered: Unanswered) -> None:
    installed = unanswered.installed

    def ending(run: str) -> dict[str, Any] | None:
        result = kit.run(installed, run, whole=True)
        return result if result and result["status"] in ("succeeded", "failed", "aborted") else None

    ended = eventually(lambda: ending(unanswered.late), "the end of what nobody decides", CLOCK_SECONDS)
    assert (ended["status"], ended["failed"]["error"]) == ("failed", "Interlock.ApprovalExpired")
    request = kit.paused(installed, unanswered.urgent)["approval"]
    path, client = f"/v1/tenants/{installed.tenant}/approvals/{request}", kit.tenants[installed.tenant]

    def escalated() -> dict[str, Any] | None:
        result = client.get(path)
        return result if "member" in result["approvers"] else None

    eventually(escalated, "the escalation", CLOCK_SECONDS)
    client.post(path, {"approve": True})
    assert eventually(lambda: ending(unanswered.urgent), "the end")["status"] == "succeeded"
