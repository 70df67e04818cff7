"""The console in a real browser against the running platform, by clicking: an app's whole life, as three roles."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from interlock.local.platform import Platform
from tests.support.axe import violations
from tests.support.cli import Cli
from tests.support.console import PATIENCE_MS, Console, settled
from tests.support.kit import eventually
from tests.support.orders_app import write_orders

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def cli(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A tenant `globex` and a publisher `acme` with two versions of an app that are listed."""
    cli = Cli(platform.place.root)
    cli.ok("up")
    cli.ok("tenant", "create", "umbrella")
    cli.ok("publisher", "create", "orders")
    folder = tmp_path_factory.mktemp("orders")
    for version in ("1.0.0", "1.1.0"):
        app = write_orders(folder / version, version)
        manifest = app / "interlock.toml"
        manifest.write_text(manifest.read_text().replace('"acme/orders"', '"orders/orders"'))
        cli.ok("app", "publish", str(app), "--profile", "orders")
    return cli


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).select_option(value)


def write_json(page: Page, label: str, value: object) -> None:
    """Put a value into an editor, as a person does: all of it selected, then written over."""
    editor = page.get_by_label(label)
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(json.dumps(value))


def header(page: Page, status: str) -> None:
    """Wait until the run's page says its status beside its title."""
    expect(page.locator("h1 + .chip", has_text=status)).to_be_visible()


def install_pinned(page: Page) -> None:
    """Find the app, read what it asks for, configure it and install its first version."""
    page.get_by_role("link", name="Marketplace").click()
    page.get_by_label("Search").fill("orders")
    press(page, "Search")
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page.get_by_text("Read your catalog")).to_be_visible()
    press(page, "Install")
    choose(page, "Follow", "pinned")
    page.get_by_label("Limit").fill("100")
    page.get_by_label("The app may do what is listed above").check()
    page.get_by_role("dialog").get_by_role("button", name="Install", exact=True).click()
    expect(page.locator("h1 + .chip", has_text="active")).to_be_visible()


def start(page: Page, order: dict[str, object], *, workflow: str = "process", stop: bool = False) -> str:
    """Start a run by the form, and open its page; the run's id."""
    press(page, "Start a run")
    choose(page, "Workflow", workflow)
    write_json(page, "The run's input, as JSON", order)
    if stop:
        page.get_by_label("Stop before the first step").check()
    press(page, "Start")
    page.wait_for_url("**/runs/*")
    return page.url.rsplit("/", 1)[-1].partition("?")[0]


def test_a_tenant_lives_with_an_app_by_clicking(console: Console, cli: Cli) -> None:
    """Find, consent, configure, run, break, edit, resume, fail, explain, fork with a fix, diff, upgrade, go back."""
    page = console.open("umbrella", "/t/umbrella/apps")
    install_pinned(page)
    install = page.url.rsplit("/", 1)[-1]
    # The newest version is what an install begins with; the first one is where the failure is.
    cli.ok("install", "upgrade", install, "--version", "1.0.0", "--yes", "--profile", "umbrella")
    eventually(
        lambda: cli.ok("install", "show", install, "--profile", "umbrella")["version"] == "1.0.0" or None, "1.0.0"
    )

    # A run that ends well, for later comparisons.
    page.reload()
    start(page, {"number": "A0", "amount": 10})
    header(page, "succeeded")

    # Run it with a breakpoint, edit the input in the pause, and let it go on.
    page.get_by_role("link", name="Runs", exact=True).click()
    start(page, {"number": "A1", "amount": 500}, stop=True)
    press(page, "Look and decide")
    write_json(page, "The input of Check, as JSON", {"number": "A1", "amount": 40})
    expect(page.get_by_text("edited, not what was recorded")).to_be_visible()
    press(page, "Go on")
    header(page, "succeeded")

    # A run that fails says why.
    page.get_by_role("link", name="Runs", exact=True).click()
    failed = start(page, {"number": "A2", "amount": 100})
    header(page, "failed")
    expect(page.get_by_role("heading", name="Order A2")).to_be_visible()
    page.get_by_role("tab", name="Why it failed").click()
    expect(page.get_by_text("ZeroDivisionError").first).to_be_visible()
    expect(page.get_by_label("Source around line").first).to_contain_text("share = value")

    # The graph shows where; a click shows what went in; the fork has the mended code.
    page.get_by_role("tab", name="Graph").click()
    page.locator(".react-flow__node[data-id='book']").click()
    panel = page.get_by_role("region", name="State book")
    expect(panel).to_contain_text("ZeroDivisionError")
    panel.get_by_role("button", name="Fork from here").click()
    choose(page, "Version", "1.1.0")
    page.get_by_label("Dry: capture effects, and perform none").uncheck()
    press(page, "Fork for real")
    page.wait_for_url(lambda url: failed not in url and "/runs/" in url)
    header(page, "succeeded")
    expect(page.get_by_text("Fork of")).to_be_visible()
    press(page, "More actions on the run")
    page.get_by_role("menuitem", name="Compare with its parent").click()
    expect(page.get_by_role("table", name="Differences")).to_contain_text("1.1.0")

    # Upgrade with a rehearsal beside what changes, then go back.
    page.get_by_role("link", name="Installs").click()
    page.get_by_role("link", name="orders", exact=True).click()
    press(page, "Upgrade")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What changes")).to_contain_text("emit")
    dialog.get_by_role("button", name="Rehearse with its last 10 runs").click()
    verdicts = dialog.get_by_role("table", name="Verdicts")
    expect(verdicts).to_contain_text("same")
    expect(verdicts).to_contain_text("differs")
    dialog.get_by_role("button", name="Upgrade to 1.1.0").click()
    expect(page.get_by_text("1.1.0, follows pinned")).to_be_visible()
    expect(page.locator("h1 + .chip", has_text="active")).to_be_visible()
    press(page, "More actions on the install")
    page.get_by_role("menuitem", name="Roll back to 1.0.0").click()
    press(page, "Roll back")
    expect(page.get_by_text("1.0.0, follows pinned")).to_be_visible()


def test_a_state_shows_each_stage_of_its_data(console: Console, cli: Cli) -> None:
    """The flow of a step and of a Choice is read when somebody opens it, and says what each stage changed."""
    page = console.open("umbrella", "/t/umbrella/runs")
    reads: list[str] = []
    page.on("request", lambda request: reads.append(request.url))
    start(page, {"order": {"number": "D1", "amount": 150}, "by": "pat"}, workflow="shape")
    header(page, "succeeded")
    page.get_by_role("tab", name="Graph").click()
    page.locator(".react-flow__node[data-id='Check']").click()
    panel = page.get_by_role("region", name="State Check")
    settled(page)
    assert not [url for url in reads if "/flow" in url]
    panel.get_by_role("tab", name="Data flow").click()
    flow = panel.get_by_role("region", name="Data flow of Check")
    for stage, change in (("InputPath", "another value"), ("ResultSelector", "another value"), ("ResultPath", "1 new")):
        expect(flow.locator("summary", has_text=stage)).to_contain_text(change)
    flow.locator("summary", has_text="ResultPath").click()
    expect(flow.get_by_label("What ResultPath changes")).to_contain_text("checked is new")
    expect(flow.get_by_label("ResultPath of the data flow")).to_contain_text('"total": 150')
    expect(flow.locator("summary").last).to_contain_text("what Size gets")
    assert violations(page) == []

    page.locator(".react-flow__node[data-id='Size']").click()
    panel = page.get_by_role("region", name="State Size")
    panel.get_by_text("Data flow").click()
    expect(panel).to_contain_text("Rule 1 matched; it went to Large.")
    assert len([url for url in reads if "/flow" in url]) == 2


def test_a_publisher_counts_before_it_stops_a_version(console: Console, cli: Cli) -> None:
    page = console.open("orders", "/p/orders/apps/orders/versions/1.0.0")
    page.get_by_role("tab", name="Breakpoints").click()
    press(page, "Add a breakpoint on the version")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It can stop 0 of the 0 runs that are under way in the sandbox")
    cli.ok("support", "open", "orders/orders", "--profile", "umbrella")
    dialog.get_by_label("State", exact=True).fill("Check")
    expect(dialog).to_contain_text("in the sandbox and in 1 tenant that you may debug")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("table", name="Breakpoints")).to_contain_text("before Check")
    press(page, "Remove")
    expect(page.get_by_text("No breakpoint is armed on the version")).to_be_visible()
    cli.ok("support", "close", "orders/orders", "--profile", "umbrella")


def test_a_dead_letter_is_redriven_and_an_approval_decided(console: Console, cli: Cli) -> None:
    page = console.open("umbrella", "/t/umbrella/installs")
    page.get_by_role("link", name="orders", exact=True).click()
    press(page, "More actions on the install")
    page.get_by_role("menuitem", name="Switch off").click()
    page.get_by_label("Why").fill("the weekend")
    press(page, "Switch off")
    expect(page.get_by_text("It is switched off, and no run starts")).to_be_visible()
    page.get_by_role("link", name="Events", exact=True).click()
    press(page, "Send an event")
    page.get_by_label("Name", exact=True).fill("order.placed")
    write_json(page, "The event's data, as JSON", {"number": "B1", "amount": 5})
    press(page, "Send")
    eventually(lambda: cli.ok("event", "dead", "list", "--profile", "umbrella") or None, "the dead letter")
    page.get_by_role("link", name="Installs").click()
    page.get_by_role("link", name="orders", exact=True).click()
    press(page, "More actions on the install")
    page.get_by_role("menuitem", name="Switch on").click()
    press(page, "Switch on")
    page.get_by_role("link", name="Dead letters").click()
    page.get_by_role("row").filter(has_text="event.install-stopped").get_by_role("button").first.click()
    press(page, "Redrive")
    expect(page.get_by_text("The start is on the queue again.")).to_be_visible()
    page.get_by_role("link", name="Runs", exact=True).click()
    row = page.get_by_role("row").filter(has_text="event order.placed").first
    expect(row).to_contain_text("succeeded")

    page.get_by_role("link", name="Runs", exact=True).click()
    press(page, "Start a run")
    choose(page, "Workflow", "ask")
    write_json(page, "The run's input, as JSON", {"number": "C1", "amount": 7})
    press(page, "Start")
    header(page, "paused")
    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("link", name="May this order be booked?").click()
    expect(page.get_by_label("What the workflow shows")).to_contain_text("C1")
    press(page, "Approve")
    page.get_by_role("definition").get_by_role("link").first.click()
    header(page, "succeeded")


def test_installed_apps_are_offered_where_one_is_typed(console: Console, cli: Cli) -> None:
    apps = {row["app"] for row in cli.ok("install", "list", "--profile", "umbrella")}
    assert apps
    for path in ("verify", "bulk", "settings"):
        page = console.open("umbrella", f"/t/umbrella/{path}")
        offers = page.locator("datalist option")
        expect(offers).to_have_count(len(apps))
        assert {one.get_attribute("value") for one in offers.all()} == apps
        expect(page.get_by_label("App", exact=True)).to_have_attribute("list", re.compile(r"\S"))


def test_roles_see_what_is_theirs(console: Console, cli: Cli) -> None:
    """A publisher sees its app and no tenant; an operator sees the deployment; a tenant sees no publisher's pages."""
    publisher = console.open("orders", "/p/orders")
    expect(publisher.get_by_role("navigation", name="Sections").get_by_role("link")).to_have_text(
        ["Apps", "Support sessions", "Members", "Audit"]
    )
    publisher.goto(publisher.url.split("/p/")[0] + "/t/umbrella/runs")
    expect(publisher.get_by_role("alert")).to_contain_text("You are not allowed")
    expect(publisher.get_by_role("button", name="Start a run")).to_have_count(0)

    operator = console.open("operator", "/operator")
    expect(operator.get_by_role("navigation", name="Sections").get_by_role("link").first).to_have_text("Overview")
    tenant = console.open("umbrella", "/p/orders")
    expect(tenant.get_by_role("alert").first).to_contain_text("You are not allowed")
    settled(tenant)


def test_a_viewer_sees_and_changes_nothing(console: Console, cli: Cli) -> None:
    cli.ok("tenant", "credential", "create", "eve", "--role", "viewer", "--keep", "--profile", "umbrella")
    page = console.open("eve", "/t/umbrella/runs")
    sections = page.get_by_role("navigation", name="Sections")
    expect(sections.get_by_role("link", name="Catalog")).to_be_visible()
    for hidden in ("Bulk forks", "Verify", "Webhooks", "Members", "Usage", "Audit"):
        expect(sections.get_by_role("link", name=hidden)).to_have_count(0)
    settled(page)
    expect(page.get_by_role("button", name="Start a run")).to_have_count(0)
    page.get_by_role("row").filter(has_text="failed").get_by_role("link").first.click()
    header(page, "failed")
    settled(page)
    for name in ("Fork with a fix", "Fork from here", "Stop"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_role("link", name="Installs").click()
    page.get_by_role("link", name="orders", exact=True).click()
    expect(page.locator("h1 + .chip", has_text="active")).to_be_visible()
    for name in ("Upgrade", "More actions on the install", "Test it"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_an_operator_sees_the_deployment(console: Console, cli: Cli) -> None:
    assert cli.home
    page = console.open("operator", "/operator")
    settled(page)
    expect(page.get_by_text("There are none here: on AWS the stack interlock-observability")).to_be_visible()
    expect(page.get_by_role("table", name="Tenants").get_by_role("link", name="umbrella")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_code_signs_in_once(console: Console, cli: Cli) -> None:
    address = cli.ok("console", "--no-browser", "--profile", "umbrella")["url"]
    context = console.browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.wait_for_url("**/t/umbrella/runs")
    other = console.browser.new_context().new_page()
    answer = other.goto(address)
    assert answer is not None and answer.status == 403
    stored = page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "eyJ" not in stored, "no token is where a script of another page could look for it"
    context.close()
    assert Path(cli.home / "console" / "codes").is_dir()
