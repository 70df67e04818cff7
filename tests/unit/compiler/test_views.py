"""The views of a bundle: their sources, their cards, and the data that the cards read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import parse
from tests.support.bundles import FILES, bundle
from tests.unit.compiler.test_cards import card_of, text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
TOOL = """
[[workflows.tag.triggers]]
tool = "scan"
input_schema = "config.schema.json"
"""
TEST = """
[[tests]]
workflow = "tag"
input = "tests/in.json"
expect = "tests/out.json"
"""


def findings(view: str, card: Any = None, **files: str | bytes) -> tuple[Finding, ...]:
    manifest = FILES["interlock.toml"] + TOOL + f'\n[[views]]\nid = "v"\ntitle = "V"\ncard = "v.json"\n{view}\n'
    content = {"interlock.toml": manifest, "v.json": json.dumps(card or card_of()), **files}
    plan = plan_version(bundle({**content}))
    return plan.findings if isinstance(plan, VersionPlan) else plan


def codes(view: str, card: Any = None, **files: str | bytes) -> set[str]:
    return {row.code for row in findings(view, card, **files)}


@pytest.mark.parametrize(
    ("view", "code"),
    [
        ('source = { tool = "other" }', "view.tool"),
        ('source = { tool = "scan", query = {} }', "manifest.field"),
        ("source = {}", "manifest.field"),
        ('source = { query = { type = "NO" } }', "manifest.field"),
        ('source = { tool = "scan", argument = "a.b" }', "manifest.field"),
        ('source = { query = {}, argument = "a" }', "manifest.field"),
        ('where = "page"\nsource = { tool = "scan" }', "manifest.field"),
        ('source = { tool = "scan", argument = "name" }', "view.subject"),
        ("source = { query = { subject = true } }", "view.subject"),
        ('source = { tool = "scan" }\nscript = "a.js"', "manifest.field"),
        ('source = { tool = "scan" }\n[[views]]\nid="v"\ntitle="W"\ncard="v.json"\nsource={tool="scan"}', "view.twice"),
        (
            'source = { tool = "scan" }\n[[views]]\nid="w"\ntitle="W"\ncard="w.json"\nsource={tool="scan"}',
            "view.no-card",
        ),
    ],
)
def test_a_view_that_is_not_right_is_a_finding(view: str, code: str) -> None:
    assert code in codes(view)


def test_a_query_needs_the_permission_to_read_the_catalog() -> None:
    manifest = FILES["interlock.toml"].replace('"read", ', "").replace('"read"', "")
    raw = manifest + '\n[[views]]\nid = "v"\ntitle = "V"\ncard = "v.json"\nsource = { query = {} }\n'
    plan = plan_version(bundle({"interlock.toml": raw, "v.json": json.dumps(card_of())}))
    assert "view.permission" in {row.code for row in (plan.findings if isinstance(plan, VersionPlan) else plan)}


def test_images_are_files_of_the_bundle_that_are_images() -> None:
    image, source = card_of({"type": "Image", "url": "a.png"}), 'source = { tool = "scan" }'
    assert "view.image" in codes(source, image)
    assert "view.image" in codes(source, image, **{"a.png": b"<svg onload=alert(1)>"})
    assert "view.image" in codes(source, image, **{"a.png": b"RIFF0000WEBP"})
    assert "view.image" in codes(source, image, **{"a.png": PNG + bytes(limits.CARD_IMAGE_BYTES)})
    assert codes(source, image, **{"a.png": PNG}) == {"view.not-tried"}
    many = card_of(*({"type": "Image", "url": f"{name}.png"} for name in range(limits.CARD_IMAGES + 1)))
    files = {f"{name}.png": PNG for name in range(limits.CARD_IMAGES + 1)}
    assert "view.image" in codes(source, many, **files)


def test_an_action_starts_a_tool_of_the_same_app() -> None:
    card = card_of(actions=[{"type": "Action.Submit", "data": {"tool": "others__tool"}}])
    assert "view.tool" in codes('source = { tool = "scan" }', card)
    card = card_of(actions=[{"type": "Action.Submit", "data": {"tool": "scan"}}])
    assert codes('source = { tool = "scan" }', card) == {"view.not-tried"}


def test_a_field_that_the_golden_output_lacks_is_a_warning() -> None:
    card = card_of(text("${total} ${lost.name}"), {"type": "Container", "$data": "${rows}", "items": [text("${x}")]})
    files = {"tests/out.json": json.dumps({"total": 1, "rows": []})}
    rows = findings(f'source = {{ tool = "scan" }}\n{TEST}', card, **files)
    assert [(row.code, row.severity.value) for row in rows] == [("view.unknown-field", "warning")]
    assert "'lost'" in rows[0].what
    assert codes(f'source = {{ tool = "scan" }}\n{TEST}', card, **{"tests/out.json": "[]"}) == {"view.not-tried"}
    rows = findings("source = { query = {} }", card_of(text("${counted} ${nothing}")))
    assert [row.what[:22] for row in rows] == ["the card reads 'nothin"]


def test_a_manifest_has_so_many_views_at_most() -> None:
    view = '\n[[views]]\nid = "v{}"\ntitle = "V"\ncard = "v.json"\nsource = {{ query = {{}} }}\n'
    text_of = FILES["interlock.toml"] + "".join(view.format(number) for number in range(limits.VIEWS + 1))
    rows = parse(text_of)
    assert isinstance(rows, tuple)
    assert [row.where.partition("#")[2] for row in rows] == ["views"]


def test_views_are_checked_beside_a_section_that_is_wrong() -> None:
    rows = findings('source = { tool = "other" }\n[listing]\nvisibility = "nobody"')
    assert {"manifest.field", "view.tool"} <= {row.code for row in rows}
