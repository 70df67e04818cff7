"""Every page of the console by axe and by the keyboard, in both themes, and on a phone; with a screenshot of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from playwright.sync_api import Locator, Page, Route, expect

from tests.support.axe import violations
from tests.support.console import SCREENS, THEMES, Console, settled
from tests.support.console_pages import TENANT, Place, World, routes

PHONE, HEIGHT = 390, 860
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
READS, MORE = 6, 20
"""The bound of reads of the API when a page is opened, who is signed in among them: docs/console.md."""
LATER = re.compile(r"/approvals\?status=waiting|/runs\?status=paused")
"""What waits in the inbox is counted two seconds after a page was opened."""
IDENTIFYING = frozenset({"id", "key", "name", "run", "install", "app", "version", "principal", "qualified_name"})
MOST_TABS = 80
ON_A_PHONE = ("runs", "runs-one", "inbox", "installs-one", "asset")


def each_page(
    console: Console, places: list[Place], ready: Callable[[Page], object] = lambda _page: None
) -> Iterator[tuple[Place, Page]]:
    """Every page in turn, loaded anew, one browser for each profile, which `ready` is handed first."""
    pages: dict[str, Page] = {}
    for place in places:
        if place.profile not in pages:
            pages[place.profile] = console.begin(place.profile)
            ready(pages[place.profile])
        page = pages[place.profile]
        page.goto(console.address(page, place.path))
        expect(page).not_to_have_url(re.compile("/callback|/sign-in"))
        expect(page.locator("main h1, main .empty, main [role=alert]").first).to_be_visible()
        settled(page)
        yield place, page


def test_each_route_has_a_page_here(world: World) -> None:
    assert {place.route for place in world.places()} == routes()


def test_axe_says_nothing_of_any_page(console: Console, world: World) -> None:
    """In both themes; on a phone nothing but a table in its box is wider than the screen."""
    wrong: list[str] = []
    for place, page in each_page(console, world.places()):
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            page.screenshot(path=SCREENS / f"{place.name}-{theme}.png")
            wrong += [f"{theme}: {line}" for line in violations(page)]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": PHONE, "height": HEIGHT})
        page.evaluate(TWO_FRAMES)
        if place.name in ON_A_PHONE:
            page.screenshot(path=SCREENS / f"{place.name}-phone.png")
        widest = page.evaluate("[document.querySelector('main'), document.documentElement].map((e) => e.scrollWidth)")
        wrong += [f"{place.name} is {width} px wide on a phone" for width in widest if width > PHONE]
        page.set_viewport_size({"width": 1280, "height": HEIGHT})
    assert not wrong, "\n".join(wrong)


def test_a_page_reads_six_times_however_many_rows(console: Console, world: World) -> None:
    """Each list that the API answers is made longer: a page that reads something of each row reads too often."""
    much: list[str] = []
    grown: set[str] = set()
    reads: set[str] = set()

    def longer(route: Route) -> None:
        reads.add(route.request.url)
        answer = route.fetch()
        if not answer.ok or route.request.url.endswith("/v1/me"):
            return route.fulfill(response=answer)
        body, is_grown = with_more_rows(answer.json())
        if is_grown:
            grown.add(route.request.url)
        return route.fulfill(response=answer, json=body)

    for place, _ in each_page(console, world.places(), lambda page: page.route(re.compile("/v1/"), longer)):
        counted = {url for url in reads if place.route.endswith("inbox") or not LATER.search(url)}
        if len(counted) > READS:
            much.append(f"{place.path}: {sorted(counted)}")
        reads.clear()
    assert not much, "\n".join(much)
    assert len(grown) > len(world.places()) // 2, "most pages had a list that was made longer"


def with_more_rows(body: Any) -> tuple[Any, bool]:
    """An answer whose lists of records have a score more, each with names and ids of its own."""
    if not isinstance(body, dict):
        return body, False
    fields = cast(dict[str, Any], body)
    lists = {name: cast(list[Any], rows) for name, rows in fields.items() if isinstance(rows, list) and rows}
    records = {name: cast(list[dict[str, Any]], rows) for name, rows in lists.items() if isinstance(rows[0], dict)}
    longer = {name: [*rows, *(_renamed(rows[0], number) for number in range(MORE))] for name, rows in records.items()}
    return {**fields, **longer}, bool(longer)


def _renamed(row: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        name: f"{value}{number}" if name in IDENTIFYING and isinstance(value, str) else value
        for name, value in row.items()
    }


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
