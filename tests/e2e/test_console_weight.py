"""What a browser loads of the console, in bytes as they are sent on AWS (gzip), and how often a page reads the API."""

from __future__ import annotations

import gzip
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from interlock.local.page import build_page
from tests.support.browser import chromium
from tests.support.cli import ROOT
from tests.support.stand_in import ORIGIN, RUN, StandIn, failed_run_of, run_of

FIRST_KB, WITH_GRAPH_KB = 200, 420
"""The bounds of the first load, before the graph and with it: docs/performance.md."""
READS = 6
"""The bound of reads of the API when a page is opened, who is signed in among them: docs/console.md."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(ROOT / ".interlock") as browser:
        yield browser


@contextmanager
def page_of(browser: Browser, stand_in: StandIn) -> Generator[Page]:
    """A page whose answers are those of a stand-in."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    stand_in.answer(page)
    yield page
    context.close()


def weight(stand_in: StandIn) -> float:
    """The kB of the files that were loaded, each compressed."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in stand_in.files) / 1000


def test_the_list_of_runs_is_light(browser: Browser) -> None:
    stand_in = StandIn(build_page(), run_of(10))
    with page_of(browser, stand_in) as page:
        page.goto(f"{ORIGIN}/t/acme/runs")
        expect(page.get_by_role("table", name="Runs")).to_be_visible()
        page.wait_for_load_state("networkidle")
    assert weight(stand_in) <= FIRST_KB
    assert len(stand_in.reads) <= READS, stand_in.reads


@pytest.mark.parametrize("steps", [500, 4_000])
def test_a_run_is_read_without_a_request_per_step(browser: Browser, steps: int) -> None:
    stand_in = StandIn(build_page(), run_of(steps))
    with page_of(browser, stand_in) as page:
        page.goto(f"{ORIGIN}/t/acme/runs/{RUN}")
        expect(page.locator(".react-flow__node").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.get_by_role("tab", name="Steps").click()
        expect(page.locator(".visit").first).to_be_visible()
        assert page.locator(".visit").count() < 60, "rows that are not seen are not drawn"
    assert weight(stand_in) <= WITH_GRAPH_KB
    assert len(stand_in.reads) <= READS, stand_in.reads


def test_a_failed_run_is_explained_within_the_same_reads(browser: Browser) -> None:
    stand_in = StandIn(build_page(), failed_run_of(500))
    with page_of(browser, stand_in) as page:
        page.goto(f"{ORIGIN}/t/acme/runs/{RUN}")
        expect(page.get_by_role("tab", name="Why it failed")).to_be_visible()
        expect(page.get_by_role("region", name="State State11")).to_contain_text("failed")
        page.wait_for_load_state("networkidle")
    assert len(stand_in.reads) <= READS, stand_in.reads
    assert any(read.endswith("/explain") for read in stand_in.reads)
