"""Queries over runs and usage on a page, and what is saved as a file: by clicking, in a real browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.support.cli import Cli
from tests.support.console import Console, settled
from tests.support.console_pages import TENANT, World


def test_groups_of_a_query_lead_to_their_runs(console: Console, world: World) -> None:
    page = console.open(TENANT, f"/t/{TENANT}/runs")
    page.get_by_role("link", name="Query", exact=True).click()
    expect(page.get_by_role("heading", name="Query runs")).to_be_visible()
    page.get_by_role("textbox", name="Query", exact=True).fill("app:paper/orders since:1d")
    page.get_by_role("button", name="Run the query").click()
    page.get_by_role("combobox", name="then by").select_option("workflow")
    table = page.get_by_role("table", name="Runs by status, workflow")
    failed = table.get_by_role("link", name="failed · process")
    expect(failed).to_be_visible()
    page.get_by_label("or an input field").fill("number")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="failed · process · A-1002").click()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    settled(page)
    runs = page.get_by_role("table", name="Runs").get_by_role("link")
    expect(runs).to_have_count(1)
    assert world.failed in (runs.first.get_attribute("href") or "")


def test_a_day_of_a_query_leads_to_its_runs(console: Console, world: World) -> None:
    assert world.failed
    page = console.open(TENANT, f"/t/{TENANT}/query?query=app:paper/orders&by=day")
    row = page.get_by_role("table", name="Runs by day").get_by_role("row").nth(1)
    of_day = int(row.get_by_role("cell").nth(1).inner_text())
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    settled(page)
    runs = page.get_by_role("table", name="Runs").get_by_role("link")
    expect(runs).to_have_count(of_day)
    fields = parse_qs(urlsplit(page.url).query)
    day = datetime.fromisoformat(fields["until"][0]) - datetime.fromisoformat(fields["since"][0])
    assert day == timedelta(days=1, milliseconds=-1)


def test_a_wrong_query_says_which_word_is_meant(console: Console, world: World) -> None:
    assert world.failed
    page = console.open(TENANT, f"/t/{TENANT}/query")
    page.get_by_role("textbox", name="Query", exact=True).fill("stats:failed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean status?")


def test_a_run_is_saved_as_the_file_of_the_command(console: Console, cli: Cli, world: World, tmp_path: Path) -> None:
    page = console.open(TENANT, f"/t/{TENANT}/runs/{world.failed}")
    page.get_by_role("button", name="More actions on the run").click()
    with page.expect_download() as saved:
        page.get_by_role("menuitem", name="Download the export").click()
    assert saved.value.suggested_filename == f"{world.failed}.interlock.zip"
    file, other = tmp_path / "page.zip", tmp_path / "command.zip"
    saved.value.save_as(file)
    expect(page.get_by_role("status").filter(has_text="2 records")).to_be_visible()
    cli.ok("run", "export", world.failed, "--out", str(other), "--profile", TENANT)
    assert file.read_bytes() == other.read_bytes()


def test_usage_of_chosen_days_is_that_of_the_command(console: Console, cli: Cli, world: World, tmp_path: Path) -> None:
    assert world.failed
    page = console.open(TENANT, f"/t/{TENANT}/usage")
    table = page.get_by_role("table", name="Usage by app")
    cost = table.get_by_role("row", name="paper/orders").get_by_role("cell").nth(1)
    expect(cost).to_contain_text("$0.")
    page.get_by_role("combobox", name="By").select_option("step")
    expect(page.get_by_role("table", name="Usage by step").get_by_role("row")).not_to_have_count(1)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    assert saved.value.suggested_filename == f"usage-{TENANT}-by-step.csv"
    file = tmp_path / "page.csv"
    saved.value.save_as(file)
    command = cli("usage", "show", "--by", "step", "--csv", "--profile", TENANT).out
    assert file.read_text().splitlines() == command.splitlines()
    page.get_by_label("From", exact=True).fill("2026-01-01")
    page.get_by_label("Until", exact=True).fill("2026-01-31")
    expect(page.get_by_text("Nothing was used on these days")).to_be_visible()
