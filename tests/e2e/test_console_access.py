"""Every page of the console by axe and by the keyboard, in both themes, and on a phone; with a screenshot of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from interlock.local.platform import Platform
from tests.support.axe import violations
from tests.support.browser import chromium
from tests.support.cli import ROOT, Cli
from tests.support.console import Console, Theme, settled
from tests.support.console_pages import PUBLISHER, TENANT, Place, World, build_world, routes

SCREENS = ROOT / "build" / "screens"
PHONE = 390
MOST_TABS = 80
ON_A_PHONE = ("runs", "runs-one", "inbox", "installs-one", "asset")


@pytest.fixture(scope="module")
def cli(platform: Platform) -> Cli:
    return Cli(platform.place.root)


@pytest.fixture(scope="module")
def world(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A platform on which each page has something to show."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    return build_world(cli, tmp_path_factory.mktemp("orders"))


@pytest.fixture(scope="module")
def console(cli: Cli, world: World) -> Iterator[Console]:
    """The console, which complained of nothing in the end."""
    with chromium(ROOT / ".interlock") as browser:
        console = Console(cli, browser)
        yield console
        console.close()
        assert console.complaints == []


def each_page(console: Console, places: list[Place], theme: Theme, width: int) -> Iterator[tuple[Place, Page]]:
    """Every page in turn, one browser for each profile."""
    pages: dict[str, Page] = {}
    for place in places:
        if place.profile not in pages:
            pages[place.profile] = console.open(place.profile, place.path, theme=theme, width=width)
        else:
            page = pages[place.profile]
            page.goto(console.address(page, place.path))
            expect(page).not_to_have_url(re.compile("/callback|/sign-in"))
        page = pages[place.profile]
        expect(page.locator("main h1, main .empty, main [role=alert]").first).to_be_visible()
        settled(page)
        yield place, page


def test_each_route_has_a_page_here(world: World) -> None:
    assert {place.route for place in world.places()} == routes()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_says_nothing_of_any_page(console: Console, world: World, theme: Theme) -> None:
    wrong: list[str] = []
    for place, page in each_page(console, world.places(), theme, 1280):
        page.screenshot(path=SCREENS / f"{place.name}-{theme}.png")
        wrong += violations(page)
    assert not wrong, "\n".join(wrong)


def test_pages_fit_a_phone(console: Console, world: World) -> None:
    """Nothing but a table in its box is wider than the screen."""
    places = [place for place in world.places() if place.profile == TENANT]
    for place, page in each_page(console, places, "light", PHONE):
        if place.name in ON_A_PHONE:
            page.screenshot(path=SCREENS / f"{place.name}-phone.png")
        assert page.evaluate("document.querySelector('main').scrollWidth") <= PHONE, place.name
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, place.name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_says_nothing_of_dialogs(console: Console, world: World, theme: Theme) -> None:
    wrong: list[str] = []
    for title, path, steps in dialogs(world):
        page = console.open(TENANT, path, theme=theme)
        for step in steps:
            step(page)
        expect(page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))).to_be_visible()
        settled(page)
        page.screenshot(path=SCREENS / f"dialog-{title}-{theme}.png")
        wrong += violations(page)
    assert not wrong, "\n".join(wrong)


def button(name: str) -> Callable[[Page], None]:
    """Press a button by its name."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def node(state: str) -> Callable[[Page], None]:
    """Choose a state of the graph."""
    return lambda page: page.locator(f".react-flow__node[data-id='{state}']").click()


def dialogs(world: World) -> list[tuple[str, str, list[Callable[[Page], None]]]]:
    """Each dialog: its name, the page that it opens on, and what opens it."""
    runs, run = f"/t/{TENANT}/runs", f"/t/{TENANT}/runs/{world.failed}?tab=graph"
    return [
        ("start", runs, [button("Start a run")]),
        ("fork", run, [node("book"), button("Fork from here")]),
        ("install", f"/t/{TENANT}/apps/{PUBLISHER}/orders", [button("Install")]),
        ("upgrade", f"/t/{TENANT}/installs/{world.install}", [button("Upgrade")]),
        ("event", f"/t/{TENANT}/events", [button("Send an event")]),
        ("webhook", f"/t/{TENANT}/webhooks", [button("Add a webhook")]),
    ]


def test_a_run_is_read_and_a_fork_refused_by_keys(console: Console, world: World) -> None:
    """From the list to a run, a state of its graph, the fork's dialog and back, without a pointer."""
    page = console.open(TENANT, f"/t/{TENANT}/runs")
    settled(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="Order A-1002"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus is seen"
    page.keyboard.press("Enter")
    why = page.get_by_role("tab", name="Why it failed")
    expect(why).to_be_visible()
    tab_to(page, why)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Graph")).to_have_attribute("aria-selected", "true")
    book = page.locator(".react-flow__node[data-id='book']")
    expect(book).to_be_visible()
    tab_to(page, book)
    page.keyboard.press("Enter")
    fork = page.get_by_role("region", name="State book").get_by_role("button", name="Fork from here")
    expect(fork).to_be_visible()
    tab_to(page, fork)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    tab_to(page, dialog.get_by_role("button", name="Cancel"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(fork).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(fork).to_be_focused()


def test_sections_and_menus_are_reached_by_keys(console: Console, world: World) -> None:
    page = console.open(TENANT, f"/t/{TENANT}/runs")
    settled(page)
    tab_to(page, page.get_by_role("link", name="Installs"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Installs", level=1)).to_be_visible()
    you = page.get_by_role("button", name="theme, time zone, sign out")
    tab_to(page, you)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Theme: dark")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(you).to_be_focused()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until what is looked for has the focus."""
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by the keyboard")
