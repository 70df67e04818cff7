"""What the console costs a browser: the bytes that it loads first, and how fluid a run of thousands of steps is."""

import gzip
from pathlib import Path
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from interlock.local.page import build_page
from scripts import setup
from tests.support.browser import chromium
from tests.support.stand_in import ORIGIN, RUN, StandIn, run_of

ROUNDS = 5
SEEN = """
new MutationObserver(() => {
  const shown = document.querySelector('.react-flow__node, .visit');
  if (shown && !window.interactive) window.interactive = performance.now();
}).observe(document, { childList: true, subtree: true });
"""
READY_MS = """
() => {
  const reads = performance.getEntriesByType('resource').filter((one) => /graph$|outlines$/.test(one.name));
  return window.interactive - Math.max(...reads.map((one) => one.responseEnd));
}
"""
SCROLL = """
async () => {
  const box = document.querySelector('.virtual');
  const gaps = [];
  let before = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < 300; frame++) {
    box.scrollTop += 450;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}
"""


class ConsoleCost(NamedTuple):
    """Sizes in kB of 1,000 bytes after gzip, and times in ms."""

    first_kb: float
    with_graph_kb: float
    interactive_ms: float
    longest_frame_ms: float


def console_cost() -> ConsoleCost:
    """Measure it in a browser, with the API stood in: no platform is needed."""
    folder = build_page()
    with chromium(setup.ROOT / ".interlock") as browser:
        first, _ = _opened(browser, folder, 10, "runs", ".table-wrap")
        whole, _ = _opened(browser, folder, 500, f"runs/{RUN}", ".react-flow__node")
        ready = median(_opened(browser, folder, 500, f"runs/{RUN}", ".react-flow__node")[1] for _ in range(ROUNDS))
        # Of all rounds: a reader sees each frame. Measure on a quiet machine, where no other program takes a turn.
        longest = max(_longest_frame(browser, folder) for _ in range(ROUNDS))
    return ConsoleCost(first, whole, ready, longest)


def _opened(browser: Browser, folder: Path, steps: int, path: str, shown: str) -> tuple[float, float]:
    """The kB that a page loads, and the ms from its data to what it shows."""
    page, stand_in = _page(browser, folder, steps)
    page.goto(f"{ORIGIN}/t/acme/{path}")
    page.wait_for_selector(shown)
    page.wait_for_load_state("networkidle")
    loaded = sum(len(gzip.compress(file.read_bytes(), 9)) for file in stand_in.files) / 1000
    ready = page.evaluate(READY_MS) if steps > 10 else 0.0
    page.context.close()
    return loaded, ready


def _longest_frame(browser: Browser, folder: Path) -> float:
    """The longest frame in ms while the steps of a run of 4,000 are scrolled from top to bottom."""
    page, _ = _page(browser, folder, 4_000)
    page.goto(f"{ORIGIN}/t/acme/runs/{RUN}?tab=steps")
    page.get_by_role("button", name="×").click()
    page.wait_for_selector(".visit[aria-expanded=true]")
    gaps: list[float] = page.evaluate(SCROLL)
    assert page.evaluate("document.querySelector('.virtual').scrollTop") > 100_000, "the list was scrolled to its end"
    page.context.close()
    return max(gaps)


def _page(browser: Browser, folder: Path, steps: int) -> tuple[Page, StandIn]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.add_init_script(SEEN)
    stand_in = StandIn(folder, run_of(steps))
    stand_in.answer(page)
    return page, stand_in
