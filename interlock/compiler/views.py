"""The views of a bundle: each has a card that the console draws, images of the bundle, and data that fits it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from interlock.compiler.archive import Bundle
from interlock.compiler.cards import Card, read_card
from interlock.compiler.showcase import image_kind
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.manifest import MANIFEST, CatalogScope, Manifest, ToolTrigger
from interlock.contract.view import ViewSection, Where

IMAGES = ("image/png", "image/jpeg")
QUERY_FIELDS = frozenset({"assets", "sources", "counted", "more", "subject"})
"""What the data of a query has (`control/installs/views`)."""


def check_views(bundle: Bundle, manifest: Manifest) -> Iterator[Finding]:
    """What is wrong with the views (codes `view.*` and `card.*`)."""
    tools = tools_of(manifest)
    seen: set[str] = set()
    for number, view in enumerate(manifest.views):
        where = f"{MANIFEST}#views.{number}"
        if view.id in seen:
            yield _finding("twice", where, f"two views have the id {view.id!r}", "Rename one of them.")
        seen.add(view.id)
        yield from _check_source(view, manifest, tools, where)
        data = bundle.files.get(view.card)
        if data is None:
            yield _finding("no-card", where, f"{view.card} does not exist", "Add the file, or remove the view.")
            continue
        card = read_card(data, view.card)
        yield from card.findings
        yield from _check_card(bundle, card, tools)
        yield from _check_data(bundle, manifest, view, card, tools)


def tools_of(manifest: Manifest) -> Mapping[str, str]:
    """The workflow that each tool of an app starts."""
    return {
        trigger.tool: name
        for name, section in manifest.workflows.items()
        for trigger in section.triggers
        if isinstance(trigger, ToolTrigger)
    }


def images_of(card: bytes, where: str) -> set[str]:
    """The images of a card in which nothing was wrong."""
    return read_card(card, where).images


def _check_source(view: ViewSection, manifest: Manifest, tools: Mapping[str, str], where: str) -> Iterator[Finding]:
    source = view.source
    if source.tool is not None and source.tool not in tools:
        yield _finding("tool", where, f"the app has no tool {source.tool!r}", "Name a tool of one of its triggers.")
    if source.query is not None and CatalogScope.READ not in manifest.permissions.catalog:
        what = "the view reads the catalog, and the app does not ask for that"
        yield _finding("permission", where, what, 'Add "read" to [permissions] catalog.')
    if source.query is not None and source.query.subject and view.where is not Where.ASSET:
        what = "`subject` is the asset of a page, and the view is not shown with an asset"
        yield _finding("subject", where, what, 'Write where = "asset", or remove `subject`.')
    if source.argument and view.where not in (Where.ASSET, Where.RUN):
        what = "`argument` has the asset or the run of a page, and the view is shown with neither"
        yield _finding("subject", where, what, 'Write where = "asset" or "run", or remove `argument`.')


def _check_card(bundle: Bundle, card: Card, tools: Mapping[str, str]) -> Iterator[Finding]:
    if len(card.images) > limits.CARD_IMAGES:
        what = f"the card has {len(card.images)} images, and may have {limits.CARD_IMAGES}"
        yield _finding("image", card.where, what, "Show fewer images.")
    for path in sorted(card.images):
        data = bundle.files.get(path)
        if data is None:
            yield _finding("image", card.where, f"{path[:200]} does not exist", "Add the file to the bundle.")
        elif image_kind(data) not in IMAGES:
            what = f"{path} is not a PNG or JPEG image"
            yield _finding("image", card.where, what, "Save it in one of these formats.")
        elif len(data) > limits.CARD_IMAGE_BYTES:
            what = f"{path} has {len(data)} bytes, and may have {limits.CARD_IMAGE_BYTES}"
            yield _finding("image", card.where, what, "Make it smaller.")
    for tool in sorted(card.tools - set(tools)):
        what = f"an action starts {tool[:80]!r}, which is not a tool of the app"
        yield _finding("tool", card.where, what, "Name a tool of one of the app's triggers.")


def _check_data(
    bundle: Bundle, manifest: Manifest, view: ViewSection, card: Card, tools: Mapping[str, str]
) -> Iterator[Finding]:
    """Hold the fields that a card reads against what its source gives: the query's, or the golden tests' output.

    The trial holds the app to that output, so a card that fits it is filled by what the app answers.
    """
    fields = QUERY_FIELDS if view.source.query else _golden_fields(bundle, manifest, tools.get(view.source.tool or ""))
    if fields is None:
        what = f"no golden test has an output with which the view {view.id!r} could be tried"
        yield _finding(
            "not-tried", card.where, what, "Add one to [[tests]] for the workflow of its tool.", Severity.WARNING
        )
        return
    for name in sorted(card.roots - fields):
        what = f"the card reads {name[:80]!r}, which its data does not have: {', '.join(sorted(fields))[:200]}"
        yield _finding(
            "unknown-field", card.where, what, "Correct the name, or the output of the tool.", Severity.WARNING
        )


def _golden_fields(bundle: Bundle, manifest: Manifest, workflow: str | None) -> frozenset[str] | None:
    """The fields of the outputs that the golden tests of a workflow expect; None where there is no such output."""
    fields: set[str] = set()
    for test in manifest.tests:
        if test.workflow == workflow:
            try:
                output: Any = json.loads(bundle.files.get(test.expect, b"null"))
            except (ValueError, RecursionError):
                continue
            fields |= set(cast(dict[str, Any], output)) if isinstance(output, dict) else set()
    return frozenset(fields) or None


def _finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"view.{code}", where=where, what=what, fix=fix, severity=severity)
