"""The README's first command, as a reader types it: from nothing to tagged columns, then on a database of one's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from interlock.local.engine.process import free_port
from scripts.demo import CONNECTOR, DESCRIBED, FOLDERS, TENANT
from scripts.demo_model import answer
from tests.support.axe import violations
from tests.support.browser import chromium
from tests.support.cli import Cli
from tests.support.console import PATIENCE_MS, SCREENS, THEMES, Console
from tests.support.kit import eventually
from tests.support.model_server import ModelServer, completion, model_server

ROOT = Path(__file__).parents[2]
CHINOOK = ROOT.parent / "shared" / "data" / "chinook.sqlite"
PERSONAL = {
    *(f"Customer/{word}" for word in ("FirstName", "LastName", "Address", "Phone", "Fax", "Email")),
    *(f"Employee/{word}" for word in ("FirstName", "LastName", "Address", "Phone", "Fax", "Email", "BirthDate")),
}
IMPERSONAL = ("Genre", "MediaType", "Playlist", "PlaylistTrack", "InvoiceLine")


expect.set_options(timeout=PATIENCE_MS)
KEY = "sk-the-readers-own-key"


class Reader:
    """Somebody at a shell, with a home and a language model of their own."""

    def __init__(self, home: Path, model: ModelServer) -> None:
        self.home, self.model = home, model
        self.environment = os.environ | {
            "INTERLOCK_HOME": str(home),
            "INTERLOCK_MODEL": "tiny",
            "INTERLOCK_MODEL_URL": f"{model.url}/v1",
            "INTERLOCK_MODEL_KEY": KEY,
            "INTERLOCK_MODEL_PRICE": "3/15",
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        }
        self.port = str(free_port())

    def demo(self, *arguments: str) -> str:
        done = self.run("scripts/demo", "--port", self.port, *arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def json(self, *arguments: str) -> Any:
        done = self.run("interlock", *arguments, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(arguments, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = tmp_path_factory.mktemp("home")
    for tool in ("venv", "xray-venv", "node"):
        if (ROOT / ".interlock" / tool).exists():
            (home / tool).symlink_to(ROOT / ".interlock" / tool)
    with model_server(lambda body: completion(json.dumps(answer(str(body["messages"][-1]["content"]))))) as model:
        result = Reader(home, model)
        yield result
        result.run("interlock", "down", "--yes")


def test_the_demo_ends_with_tagged_columns(reader: Reader) -> None:
    said = reader.demo()
    assert "4 tables and 18 columns in the catalog; 7 columns hold personal data" in said
    assert "shop/main/ticket/c7" in said
    runs = reader.json("run", "list", "--limit", "50")
    assert {run["status"] for run in runs} == {"succeeded"}
    assert sorted(run["app"] for run in runs).count("interlock/compliance-pack") == 4 + DESCRIBED
    for run in runs:
        for step in reader.json("run", "show", run["id"])["steps"]:
            assert step["input"]
            assert step["output"]
            # Nobody knows how long people think.
            assert step["duration_ms"] > 0 or step["step"] == "platform.approve"


def test_four_apps_chain(reader: Reader) -> None:
    """Owner changed, asked and told; two tables described by the reader's model and approved; one question answered."""
    runs = {run["workflow"]: run for run in reader.json("run", "list", "--limit", "50")}
    assert {run["app"] for run in runs.values()} == set(FOLDERS)
    outputs = {name: reader.json("run", "show", run["id"])["output"]["value"] for name, run in runs.items()}
    assert outputs["owners"] == {"outcome": "approved", "posted": False}
    assert outputs["describe"]["outcome"] == "written" and len(outputs["describe"]["written"]) == DESCRIBED
    described = [reader.json("asset", "show", name) for name in outputs["describe"]["written"]]
    assert all(row["attributes"]["description"].startswith("Each row is one") for row in described)
    assert reader.json("asset", "show", "shop/main/customer")["owners"] == ["ada"]
    assert "shop/main/orders" in outputs["ask"]["assets"]


def functions() -> list[tuple[str, str]]:
    """The functions of engines that have a process now, each with the key that it is told."""
    rows: list[tuple[str, str]] = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            lines = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            # It ended meanwhile, or is another user's.
            continue
        pairs = {name: value for name, _, value in (line.partition("=") for line in lines)}
        if "AWS_LAMBDA_FUNCTION_NAME" in pairs:
            rows.append((pairs["AWS_LAMBDA_FUNCTION_NAME"], pairs.get("INTERLOCK_MODEL_KEY", "")))
    return rows


def test_model_of_the_reader_is_called_with_a_key_in_no_file(reader: Reader) -> None:
    heard = [(headers.get("authorization"), body["model"]) for _, headers, body in reader.model.heard]
    assert heard == [(f"Bearer {KEY}", "tiny")] * (DESCRIBED + 1)
    total = reader.json("usage", "show", "--by", "step")["total"]
    assert (total["model_calls"], total["unpriced_tokens"]) == (DESCRIBED + 1, 0)
    assert total["model_dollars"] == pytest.approx((12 * 3 + 3 * 15) * (DESCRIBED + 1) / 1_000_000)
    assert {name for name, key in functions() if key == KEY} <= {"interlock-converse"}
    searched = 0
    for path in reader.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            searched += 1
            assert KEY.encode() not in path.read_bytes(), path
    assert searched > 50


@pytest.fixture(scope="module")
def console(reader: Reader) -> Iterator[Console]:
    """The console of the reader's platform, which complained of nothing in the end."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with chromium(ROOT / ".interlock") as browser:
        console = Console(Cli(reader.home), browser)
        yield console
        console.close()
        assert console.complaints == []


def look_at(page: Page, name: str) -> None:
    """A screenshot of a card in both themes, and what axe says of it."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        page.screenshot(path=SCREENS / f"card-{name}-{theme}.png")
        assert violations(page) == []


def start(page: Page, reader: Reader, button: str) -> Any:
    """Start a tool of a card, as a person who agrees to it; the output of its run."""
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Start", exact=True).click()
    run = page.get_by_role("dialog").get_by_role("link").inner_text()
    page.keyboard.press("Escape")
    eventually(lambda: reader.json("run", "show", run).get("output"), f"the output of run {run}")
    page.reload()
    expect(page.get_by_role("link", name="the run", exact=True)).to_have_attribute("href", f"/t/{TENANT}/runs/{run}")
    return reader.json("run", "show", run)["output"]["value"]


def test_pages_of_the_compliance_pack_show_its_tags(reader: Reader, console: Console) -> None:
    columns = reader.json("asset", "search", "--type", "column", "--prefix", "shop/")
    personal = sum("pii" in column["tags"] for column in columns)
    assert 0 < personal < len(columns)
    page = console.open(TENANT, f"/t/{TENANT}/views")
    page.get_by_role("link", name="Personal data by source", exact=True).click()
    expect(page.get_by_text(f"{len(columns)} columns were counted.")).to_be_visible()
    expect(page.get_by_text(f"{personal} of {len(columns)} columns hold personal data")).to_be_visible()
    look_at(page, "compliance-coverage")
    page.emulate_media(color_scheme="light")
    console.go(page, f"/t/{TENANT}/asset?name=shop/main/customer")
    card = page.get_by_role("region", name="Personal data", exact=True)
    expect(card).to_be_visible()
    scan = start(page, reader, "Refresh")
    own = [column for column in columns if column["qualified_name"].startswith("shop/main/customer/")]
    assert scan["personal"] == sum("pii" in column["tags"] for column in own) > 0
    text = f"{scan['personal']} columns hold personal data; the last scan changed the tags of {scan['changed']}."
    expect(card.get_by_text(text)).to_be_visible()
    look_at(page, "compliance-column")


def test_page_of_the_connector_shows_its_last_crawl(reader: Reader, console: Console) -> None:
    (install,) = [row for row in reader.json("install", "list") if row["app"] == CONNECTOR]
    crawls = [run for run in reader.json("run", "list", "--limit", "50") if run["workflow"] == "crawl"]
    crawl = reader.json("run", "show", crawls[0]["id"])["output"]["value"]
    assert crawl["tables"] == len(reader.json("asset", "search", "--type", "table", "--prefix", "shop/"))
    page = console.open(TENANT, f"/t/{TENANT}/installs/{install['id']}")
    card = page.get_by_role("region", name="The last crawl", exact=True)
    facts = {"Tables": "tables", "Columns": "columns", "Changed": "changed", "Unchanged": "unchanged"}
    for title, field in (facts | {"Removed": "removed", "Skipped": "skipped_count"}).items():
        expect(card).to_contain_text(re.compile(rf"{title}\s*{crawl[field]}(?!\d)"))
    look_at(page, "connector-last-crawl")


def test_page_of_the_assistant_answers_a_question(reader: Reader, console: Console) -> None:
    runs = reader.json("run", "list", "--limit", "50", "--status", "succeeded")
    questions = [run for run in runs if run["workflow"] == "ask"]
    before = reader.json("run", "show", questions[0]["id"])["output"]["value"]
    page = console.open(TENANT, f"/t/{TENANT}/views")
    page.get_by_role("link", name="Ask the catalog", exact=True).click()
    expect(page.get_by_text(before["answer"])).to_be_visible()
    expect(page.get_by_text(", ".join(before["assets"]))).to_be_visible()
    page.get_by_label("Your question").fill("Which tables have tickets?")
    after = start(page, reader, "Ask")
    expect(page.get_by_text(after["answer"])).to_be_visible()
    expect(page.get_by_text(", ".join(after["assets"]))).to_be_visible()
    look_at(page, "assistant-ask")


def changes(reader: Reader) -> int:
    return sum(event["name"].startswith("asset.") for event in reader.json("event", "tail", "--minutes", "60"))


@pytest.mark.skipif(not CHINOOK.exists(), reason="../shared/data is absent")
def test_the_demo_on_chinook(reader: Reader) -> None:
    reader.demo("--source", f"sqlite:///{CHINOOK}")
    columns = {
        row["qualified_name"].removeprefix("chinook/main/"): row
        for row in reader.json("asset", "search", "--type", "column", "--prefix", "chinook/")
    }
    assert len(columns) == 64
    assert len(reader.json("asset", "search", "--type", "table", "--prefix", "chinook/")) == 11
    tagged = {name for name, row in columns.items() if "pii" in row["tags"]}
    assert tagged >= PERSONAL
    assert not [name for name in tagged if name.partition("/")[0] in IMPERSONAL]
    before = changes(reader)
    crawl = reader.json("tool", "call", "crawl", "--wait")
    assert crawl["output"]["value"]["changed"] == 0
    assert changes(reader) == before
