"""What every page shows while it loads, when the API fails, when there is nothing, and to whom it is not open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.support.axe import violations
from tests.support.console import PATIENCE_MS, SCREENS, THEMES, Console
from tests.support.console_pages import NOBODY, NOTHING, PUBLISHER, TENANT, VIEWER, World, routes

expect.set_options(timeout=PATIENCE_MS)
API = re.compile("/v1/(?!me$)")
AWAY: dict[str, Any] = {
    "code": "table-away",
    "title": "the table is away",
    "status": 503,
    "detail": "The table of this page does not answer.",
    "where": "interlock-registry",
    "next": "Wait a minute, then try again.",
}
CHANGES = re.compile(
    "^(Start|Install|Upgrade|Add|Fork|Stop|Redrive|Send|Delete|Drop|Set|Open a session|Approve|Reject|Change|Kill"
    "|Verify|Deprecate|Yank|Rotate|Disable|Enable|Test it|Remove|Go on|Look and decide|Refresh"
    "|More actions on the install)"
)
"""How the buttons begin that change something."""
HIDDEN = re.compile("/(fork-jobs|verifications|webhooks|members|usage|budget|quotas|audit|alert)")
"""What a viewer may not read, by the end of the path."""
EMPTY = {
    "/t/:tenant/runs": "There are no runs yet",
    "/t/:tenant/failures": "No run has failed",
    "/t/:tenant/query": "No run passes the query",
    "/t/:tenant/runs/:run": "does not exist",
    "/t/:tenant/diff": "does not exist",
    "/t/:tenant/bulk": "No job was begun yet",
    "/t/:tenant/verify": "Nothing was verified yet",
    "/t/:tenant/inbox": "Nothing waits for you",
    "/t/:tenant/approvals/:approval": "does not exist",
    "/t/:tenant/apps": "orders",
    "/t/:tenant/apps/:publisher/:name": "Install",
    "/t/:tenant/installs": "No app is installed",
    "/t/:tenant/installs/:install": "does not exist",
    "/t/:tenant/catalog": "The catalog is empty",
    "/t/:tenant/asset": "There is no asset",
    "/t/:tenant/events": "No event in this time",
    "/t/:tenant/dead": "Every start became a run",
    "/t/:tenant/schedules": "No installed app has a schedule",
    "/t/:tenant/webhooks": "There are no webhooks",
    "/t/:tenant/webhooks/:webhook": "does not exist",
    "/t/:tenant/views": "No installed app brings a page",
    "/t/:tenant/views/:install/:view": "does not exist",
    "/t/:tenant/members": NOTHING,
    "/t/:tenant/usage": "Nothing was used on these days",
    "/t/:tenant/audit": "Nothing was changed yet",
    "/t/:tenant/settings": "Nobody is told of failed runs.",
    "/p/:publisher": "No app was uploaded yet",
    "/p/:publisher/apps/:name": "No version was uploaded yet",
    "/p/:publisher/apps/:name/versions/:version": "does not exist",
    "/p/:publisher/support": "No tenant has a session open",
    "/p/:publisher/members": NOBODY,
    "/p/:publisher/audit": "Nothing was changed yet",
    "/operator": "There is no tenant yet",
    "/operator/approvals": "Nothing waits for a review",
    "/operator/dead": "There is no dead letter",
    "/operator/audit": "Nothing was changed yet",
}
"""What a page says where a tenant, a publisher or the deployment has nothing of it."""


class Api:
    """The API between a page and the platform: it answers, keeps a page waiting, fails, or is not reached."""

    def __init__(self, page: Page) -> None:
        self.mode: Literal["pass", "hold", "away", "fail", "empty"] = "pass"
        self.reads: list[str] = []
        self._held: list[Route] = []
        page.route(API, self._take)

    def release(self) -> None:
        """Lose the answers that a page waits for."""
        for route in self._held:
            route.abort()
        self._held.clear()

    def _take(self, route: Route) -> None:
        self.reads.append(route.request.url)
        if self.mode == "hold":
            self._held.append(route)
        elif self.mode == "away":
            route.abort()
        elif self.mode == "fail":
            route.fulfill(status=503, json=AWAY, content_type="application/problem+json")
        elif self.mode == "empty":
            answer = route.fetch()
            nothing: dict[str, Any] = {"alarms": []}
            body: dict[str, Any] = answer.json() if answer.ok else nothing
            rows: dict[str, list[str]] = {name: [] for name, value in body.items() if isinstance(value, list)}
            route.fulfill(json={**body, **rows, "cursor": None})
        else:
            route.continue_()


@pytest.fixture(scope="module")
def opened(console: Console, world: World) -> Iterator[dict[str, Page]]:
    """One page for each profile; its clock can be moved on, so that no test waits for a second try."""
    pages: dict[str, Page] = {}
    for profile in (TENANT, PUBLISHER, "operator"):
        pages[profile] = console.begin(profile)
        pages[profile].clock.install()
    yield pages


def problems(page: Page) -> Locator:
    """What a page says of calls that failed."""
    return page.locator("main .notice[role=alert]", has=page.get_by_role("button", name="Try again", exact=True))


def until_shown(page: Page, problem: Locator) -> None:
    """Let the tries go by that a page makes before it says that a call failed."""
    for _ in range(20):
        if problem.first.is_visible() and page.locator("main .skeleton").count() == 0:
            return
        page.clock.fast_forward(2_000)
        page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
    expect(problem.first).to_be_visible()


def changing(page: Page) -> list[str]:
    """The buttons of a page that change something."""
    return [text for text in page.locator("main").get_by_role("button").all_inner_texts() if CHANGES.match(text)]


def try_again(page: Page) -> None:
    """Press every button that tries a call again."""
    page.get_by_role("button", name="Try again", exact=True).evaluate_all("(all) => all.forEach((one) => one.click())")


def test_a_page_loads_fails_and_comes_back(console: Console, world: World, opened: dict[str, Page]) -> None:
    """Its data is kept back, then lost, then refused by the API, then there: without loading the page again."""
    apis = {profile: Api(page) for profile, page in opened.items()}
    wrong: list[str] = []
    # The inbox first: what is in it is counted for the sections of every page, and is there then.
    for place in sorted(world.places(), key=lambda place: not place.route.endswith("inbox")):
        page, api = opened[place.profile], apis[place.profile]
        api.mode = "hold"
        console.go(page, place.path)
        expect(page.locator("main .skeleton").first).to_be_visible()
        expect(page.locator("main").get_by_role("status", name=re.compile("^Loading|Signing")).first).to_be_visible()
        page.screenshot(path=SCREENS / f"state-loading-{place.name}.png")

        api.mode = "away"
        api.release()
        lost = problems(page).filter(has_text="The platform did not answer.")
        until_shown(page, lost)
        for text in ("no-answer", "At http", "Next: Try again in a moment."):
            expect(lost.first).to_contain_text(text)

        api.mode = "fail"
        try_again(page)
        refused = problems(page).filter(has_text=AWAY["detail"])
        until_shown(page, refused)
        for text in (AWAY["code"], f"At {AWAY['where']}", f"Next: {AWAY['next']}"):
            expect(refused.first).to_contain_text(text)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            expect(page.locator("html")).to_have_attribute("data-theme", theme)
            page.screenshot(path=SCREENS / f"state-error-{place.name}-{theme}.png")
            wrong += [f"{theme}: {line}" for line in violations(page)]
        page.emulate_media(color_scheme="light")

        api.mode = "pass"
        try_again(page)
        expect(problems(page)).to_have_count(0)
        expect(page.locator("main .skeleton")).to_have_count(0)
        expect(page.locator("main h1").first).to_be_visible()
    for page in opened.values():
        page.unroute_all(behavior="ignoreErrors")
    assert not wrong, "\n".join(wrong)


def test_a_page_without_a_network_says_so_at_once(console: Console, world: World) -> None:
    """It does not wait for the network: neither for its data, nor for its own code."""
    page = console.open(TENANT, f"/t/{TENANT}/installs")
    expect(page.get_by_role("table", name="Installs")).to_be_visible()
    page.context.set_offline(True)
    console.go(page, f"/t/{TENANT}/webhooks")
    broken = page.get_by_role("alert").filter(has_text="page-not-loaded")
    expect(broken).to_contain_text("Look whether this browser is online")
    expect(page.get_by_role("navigation", name="Sections")).to_be_visible()
    page.screenshot(path=SCREENS / "state-offline-light.png")
    assert violations(page) == []
    page.context.set_offline(False)
    broken.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table", name="Webhooks")).to_be_visible()
    page.context.set_offline(True)
    console.go(page, f"/t/{TENANT}/webhooks/{world.webhook}")
    expect(page.get_by_role("alert").filter(has_text="The platform did not answer.").first).to_be_visible()
    page.context.set_offline(False)


def test_a_caller_who_is_not_answered_is_told(console: Console, world: World) -> None:
    """The first read of all fails: no frame is there yet."""
    page = console.begin(TENANT)
    page.route(re.compile("/v1/me"), lambda route: route.fulfill(status=500, json=AWAY | {"status": 500}))
    page.reload()
    notice = page.get_by_role("alert").filter(has_text=AWAY["detail"])
    expect(notice).to_be_visible()
    page.screenshot(path=SCREENS / "state-error-sign-in-light.png")
    assert violations(page) == []
    page.unroute_all()
    notice.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("navigation", name="Sections")).to_be_attached()


def test_each_page_says_when_there_is_nothing(console: Console, world: World) -> None:
    """In a tenant, with a publisher and on a deployment that have nothing; a thing that is not there is a refusal."""
    assert set(EMPTY) == routes()
    pages = {"tenant": console.begin(NOTHING), "publisher": console.begin(NOBODY)}
    pages["operator"] = console.begin("operator")
    Api(pages["operator"]).mode = "empty"
    for place in world.places():
        kind = {TENANT: "tenant", PUBLISHER: "publisher"}.get(place.profile, "operator")
        page = pages[kind]
        own = place.path.replace(f"/t/{TENANT}", f"/t/{NOTHING}").replace(f"/p/{PUBLISHER}", f"/p/{NOBODY}")
        console.go(page, own)
        shown = page.locator("main").get_by_text(EMPTY[place.route]).first
        expect(shown, place.path).to_be_visible()
        expect(page.locator("main .skeleton")).to_have_count(0)
        page.screenshot(path=SCREENS / f"state-empty-{place.name}.png")


def test_a_viewer_sees_pages_and_no_button_that_changes(console: Console, world: World) -> None:
    page = console.begin(VIEWER)
    api = Api(page)
    refused: set[str] = set()
    for place in (place for place in world.places() if place.profile == TENANT):
        console.go(page, place.path)
        expect(page.locator("main h1").first).to_be_visible()
        expect(page.locator("main .skeleton")).to_have_count(0)
        notice = page.get_by_role("alert")
        if notice.filter(has_text="You are not allowed").count():
            refused.add(place.route.rsplit("/", 1)[-1])
            expect(notice).to_contain_text(f"Your role in the tenant {TENANT} is viewer")
            page.screenshot(path=SCREENS / f"state-refused-{place.name}.png")
        assert changing(page) == [], place.path
    assert not [url for url in api.reads if HIDDEN.search(url)], "what is refused is not asked for"
    assert refused == {"bulk", "verify", "webhooks", ":webhook", "members", "usage", "audit"}


def test_a_stranger_is_refused_by_each_page(console: Console, world: World) -> None:
    """A member of something else is told that they are no member, and where they may go."""
    publisher, tenant = console.begin(PUBLISHER), console.begin(TENANT)
    for place in world.places():
        if place.route.startswith("/t/:tenant/apps"):
            continue
        page = publisher if place.profile == TENANT else tenant
        console.go(page, place.path)
        refusal = page.locator("main").get_by_role("alert").filter(has_text="You are not allowed to see or do this.")
        expect(refusal.first, place.path).to_be_visible()
        expect(refusal.first).to_contain_text("Ask an admin")
        page.screenshot(path=SCREENS / f"state-stranger-{place.name}.png")
        assert changing(page) == [], place.path
