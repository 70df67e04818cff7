"""The console as a person uses it: a real browser, signed in by a one-time code; what it complains of is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.cli import ROOT, Cli

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
SCREENS = ROOT / "build" / "screens"
PATIENCE_MS = 60_000
"""A run on a busy machine takes a while; a page that never shows it fails."""
GO = """(path) => {
  document.querySelector('main').firstElementChild?.setAttribute('data-before', '');
  history.pushState(null, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
}"""


@dataclass
class Console:
    """Opens pages of a platform's console, each as a profile."""

    cli: Cli
    browser: Browser
    complaints: list[str] = field(default_factory=list[str])
    """Errors of scripts, and what the page's policy refused, in every page that was opened."""
    _contexts: list[BrowserContext] = field(default_factory=list[BrowserContext])

    def open(
        self, profile: str, path: str = "/", *, theme: Theme = "light", width: int = 1280, height: int = 860
    ) -> Page:
        """A page in a browser of its own, signed in as a profile."""
        address = self.cli.ok("console", "--no-browser", "--profile", profile, "--path", path)["url"]
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._hear(page, line.type, line.text))
        page.goto(address)
        page.wait_for_url(lambda url: "/callback" not in url and "/sign-in" not in url)
        return page

    def begin(self, profile: str) -> Page:
        """A page that shows nothing yet, and whose caller is known."""
        page = self.open(profile, "/nowhere")
        expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
        return page

    def go(self, page: Page, path: str) -> None:
        """To another page as a link goes there: nothing is loaded or signed in again."""
        page.evaluate(GO, path)
        expect(page.locator("main [data-before]")).to_have_count(0)

    def address(self, page: Page, path: str) -> str:
        """The address of another page of the console that a page is of."""
        return urljoin(page.url, path)

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def _hear(self, page: Page, kind: str, text: str) -> None:
        # A refused read is shown by the page, and by the browser as a line of its own.
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(f"{page.url}: {text}")


def settled(page: Page) -> None:
    """Wait until a page shows what it loads."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".skeleton")).to_have_count(0)
