"""Every dialog and every menu of the console by axe, in both themes; none of its source is absent here."""

from __future__ import annotations

import re
from collections import Counter

from playwright.sync_api import Page, expect

from tests.support.axe import violations
from tests.support.console import PATIENCE_MS, SCREENS, THEMES, Console, settled
from tests.support.console_dialogs import Opening, components, openings
from tests.support.console_pages import World

expect.set_options(timeout=PATIENCE_MS)


def test_each_dialog_of_the_source_is_opened_here(world: World) -> None:
    """A component may open several; each of them has a row at least, and there is no row of one that is gone."""
    opened = Counter(opening.component for opening in openings(world))
    assert set(opened) == set(components())
    assert not components() - opened


def test_axe_says_nothing_of_dialogs_and_menus(console: Console, world: World) -> None:
    wrong: list[str] = []
    pages: dict[str, Page] = {}
    for opening in openings(world):
        if opening.profile not in pages:
            pages[opening.profile] = console.begin(opening.profile)
        page = pages[opening.profile]
        look_at(console, page, opening, wrong)
        page.unroute_all(behavior="ignoreErrors")
        console.go(page, "/nowhere")
    assert not wrong, "\n".join(wrong)


def look_at(console: Console, page: Page, opening: Opening, wrong: list[str]) -> None:
    """Open one, look at it in both themes, and leave it by Escape: the focus is where it was."""
    for answer in opening.answers:
        answer(page)
    if opening.answers:
        page.goto(console.address(page, opening.path))
    else:
        console.go(page, opening.path)
    expect(page.locator("main h1").first).to_be_visible()
    for step in opening.steps:
        step(page)
    shown = page.get_by_role("menu")
    if not opening.menu:
        shown = page.get_by_role("dialog", name=opening.title).or_(page.get_by_role("alertdialog", name=opening.title))
    expect(shown, opening.component).to_be_visible()
    settled(page)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        page.screenshot(path=SCREENS / f"dialog-{opening.name}-{theme}.png")
        wrong += [f"{opening.component}, {theme}: {line}" for line in violations(page)]
    page.emulate_media(color_scheme="light")
    page.keyboard.press("Escape")
    expect(shown, f"{opening.component} is left by Escape").to_have_count(0)
    expect(page, opening.component).to_have_url(re.compile(re.escape(opening.path.partition("?")[0])))
