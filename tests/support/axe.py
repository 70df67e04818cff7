"""What axe-core finds wrong on a page, as lines that say what and where."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.support.cli import ROOT

SCRIPT = ROOT / "console/node_modules/axe-core/axe.min.js"
RUN = "() => axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)"


def violations(page: Page) -> list[str]:
    """Each violation of a page; the page's policy permits what the browser's own protocol evaluates."""
    page.evaluate(SCRIPT.read_text())
    result: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{page.url}: {rule['id']}: {rule['help']}: {node['html'][:200]} {_why(node)}"
        for rule in result
        for node in rule["nodes"][:4]
    ]


def _why(node: dict[str, Any]) -> str:
    first = next(iter([*node["any"], *node["all"], *node["none"]]), {"message": ""})
    return first["message"]
