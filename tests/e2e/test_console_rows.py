"""The list of a run's steps by the keyboard: rows that are not drawn are reached, and the focus is never lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from interlock.local.page import build_page
from tests.support.axe import violations
from tests.support.browser import chromium
from tests.support.cli import ROOT
from tests.support.stand_in import ORIGIN, RUN, STATES, StandIn, run_of

STEPS, ROW_PX = 400, 34
FOCUSED = "[...document.querySelectorAll('.visit')].find((row) => row === document.activeElement)"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A run of some hundreds of steps, each a row of its own; every record is that of its step."""
    with chromium(ROOT / ".interlock") as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        StandIn(build_page(), steps_in_rows()).answer(page)
        yield page
        page.close()


def steps_in_rows() -> dict[str, Any]:
    """No items of a Map: they would be one row. The last state is visited again and again."""
    answers = run_of(STEPS)
    for outline in answers["/outlines"]["steps"]:
        del outline["index"]
    record: dict[str, Any] = {"key": "k", "state": "s", "attempt": 0, "input": {"size": 2, "value": {}}, "effects": []}
    return answers | {"/steps": {"steps": [answers["/outlines"]["steps"][0] | record]}}


@pytest.fixture
def rows(page: Page) -> Locator:
    """The rows that are drawn; the first one has the focus."""
    page.goto(f"{ORIGIN}/t/acme/runs/{RUN}?tab=steps")
    rows = page.locator(".visit")
    expect(rows.first).to_be_visible()
    page.get_by_role("tab", name="Steps").focus()
    page.keyboard.press("Tab")
    if not page.evaluate(f"Boolean({FOCUSED})"):
        page.keyboard.press("Tab")
    expect(rows.first).to_be_focused()
    return rows


def place(page: Page) -> int:
    """Which row of all of them has the focus, from 1 on; it is in sight."""
    row = page.locator("li", has=page.locator(".visit:focus"))
    expect(row).to_be_in_viewport()
    return int(row.get_attribute("aria-posinset") or 0)


def test_keys_reach_rows_that_are_not_drawn(page: Page, rows: Locator) -> None:
    assert rows.count() < 60
    page.keyboard.press("ArrowDown")
    assert place(page) == 2
    page.keyboard.press("End")
    expect(page.locator(".visit:focus")).to_contain_text(f"State{STATES - 1}")
    assert place(page) == STEPS
    page.keyboard.press("ArrowDown")
    assert place(page) == STEPS, "there is nothing behind the last"
    page.keyboard.press("PageUp")
    assert STEPS - 25 <= place(page) <= STEPS - 5
    page.keyboard.press("Home")
    assert place(page) == 1
    for _ in range(5):
        page.keyboard.press("PageDown")
    reached = place(page)
    assert reached > 60, "further than what was drawn at first"
    page.keyboard.press("ArrowUp")
    assert place(page) == reached - 1
    assert rows.count() < 60


def test_enter_opens_a_row_far_down(page: Page, rows: Locator) -> None:
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"visit=k{STEPS - 4}"))
    expect(page.locator(".visit:focus")).to_have_attribute("aria-pressed", "true")
    panel = page.get_by_role("region", name=f"State State{STATES - 1}")
    expect(panel).to_be_visible()
    # One stop of the Tab key leads out of the list, and back to the row where one was.
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('.virtual').contains(document.activeElement)") is False
    page.keyboard.press("Shift+Tab")
    assert place(page) == STEPS - 3


def test_focus_stays_when_its_row_is_scrolled_away(page: Page, rows: Locator) -> None:
    page.keyboard.press("ArrowDown")
    page.locator(".virtual").hover()
    page.mouse.wheel(0, 8_000)
    expect(page.locator(f"li[aria-posinset='{8_000 // ROW_PX + 5}']")).to_be_in_viewport()
    expect(page.locator("li[aria-posinset='2'] .visit")).to_be_focused()
    expect(page.locator("li[aria-posinset='2']")).not_to_be_in_viewport()
    page.keyboard.press("ArrowDown")
    assert place(page) == 3, "a key goes on from where the focus is"


def test_axe_says_nothing_of_the_rows(page: Page, rows: Locator) -> None:
    assert violations(page) == []
