"""The ledger of events, small: every class of it on the session's platform; `scripts/ledger` is the whole of it."""

from __future__ import annotations

import pytest

from interlock.local.platform import Platform
from scripts.event_ledger.events import Size
from scripts.event_ledger.main import run_ledger
from tests.support.cli import Cli

SMALL = Size(events=80, tenants=1, apps=2)
DEADLINE_SECONDS = 600


def test_an_accepted_event_is_a_run_or_a_letter_once(
    cli: Cli, platform: Platform, own_profiles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_HOME", str(cli.home))
    counts, wrong, _ = run_ledger(platform.place.root, SMALL, DEADLINE_SECONDS)
    assert wrong == []
    before, after = counts["before mending"].rows(), counts["after redriving"].rows()
    assert before["dead letters"] > before["dead letters redriven"] == 0
    assert after["dead letters redriven"] > after["dead letters"] > 0
    assert after["runs failed, and visible"] > before["runs failed, and visible"] > 0
    assert after["effects"] > before["effects"] > 0
