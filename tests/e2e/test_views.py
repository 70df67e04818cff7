"""The pages of apps in a real browser: what a card shows, what it may not do, and a card that takes too long."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interlock.local.platform import Platform
from tests.support.cli import Cli
from tests.support.console import PATIENCE_MS, Console, settled
from tests.support.pages_app import write_pages

expect.set_options(timeout=PATIENCE_MS)
TENANT = "hooli"


@pytest.fixture(scope="module")
def cli(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A tenant in which the app of the pages is installed and has run once."""
    cli = Cli(platform.place.root)
    cli.ok("up")
    cli.ok("tenant", "create", TENANT)
    cli.ok("publisher", "create", "pages")
    cli.ok("app", "publish", str(write_pages(tmp_path_factory.mktemp("pages"))), "--profile", "pages")
    cli.ok("install", "add", "pages/pages", "--profile", TENANT, "--yes")
    cli.ok("tool", "call", "report", "--wait", "--profile", TENANT)
    return cli


def opened(console: Console, title: str) -> Page:
    page = console.open(TENANT, f"/t/{TENANT}/views")
    page.get_by_role("link", name=title, exact=True).click()
    return page


def test_a_page_shows_data_as_text_and_its_own_image(console: Console, tmp_path: Path) -> None:
    page = opened(console, "The report")
    expect(page.get_by_text("400 rows: <img src=x onerror=alert(1)> **bold**")).to_be_visible()
    image = page.get_by_role("img", name="A square")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.complete && image.naturalWidth") == 16
    settled(page)
    page.screenshot(path=str(tmp_path / "report.png"))


def test_a_link_shows_its_host_and_asks_before_it_opens(console: Console) -> None:
    page = opened(console, "The report")
    page.get_by_role("link", name="Read more (example.com)").click()
    link = page.get_by_role("alertdialog").get_by_role("link", name="Open example.com")
    expect(link).to_have_attribute("href", "https://example.com/a/b")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)


def test_an_action_starts_the_tool_after_a_person_agreed(console: Console) -> None:
    page = opened(console, "The report")
    page.get_by_label("Note").fill("from the page")
    page.get_by_role("button", name="Report again").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text("The app may change what is there.")).to_be_visible()
    dialog.get_by_role("button", name="Start", exact=True).click()
    page.get_by_role("dialog").get_by_role("link").click()
    expect(page.locator("h1 + .chip", has_text="succeeded")).to_be_visible()
    again = opened(console, "The report")
    expect(again.get_by_text("Note: from the page")).to_be_visible()


def test_a_card_that_takes_too_long_is_a_notice_and_no_more(console: Console) -> None:
    page = opened(console, "The slow one")
    expect(page.get_by_text("This page of pages/pages is not shown.")).to_be_visible()
    expect(page.get_by_text("took too long to fill")).to_be_visible()
    page.get_by_role("link", name="Installs").click()
    expect(page.get_by_role("heading", name="Installs")).to_be_visible()


def test_an_asset_has_the_pages_of_apps(console: Console, cli: Cli) -> None:
    page = opened(console, "Tables by source")
    expect(page.get_by_text("0 tables")).to_be_visible()
    listing = console.open(TENANT, f"/t/{TENANT}/apps/pages/pages")
    expect(listing.get_by_text("This asset, with each asset")).to_be_visible()
