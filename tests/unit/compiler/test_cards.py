"""A card is data of known parts: everything else is a finding, and no expression is evaluated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.compiler.cards import Card, read_card
from interlock.contract.core import limits


def card_of(*body: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": list(body), **fields}


def read(*body: Any, **fields: Any) -> Card:
    return read_card(json.dumps(card_of(*body, **fields)).encode(), "cards/a.json")


def codes(*body: Any, **fields: Any) -> set[str]:
    return {row.code for row in read(*body, **fields).findings}


def text(expression: str) -> dict[str, str]:
    return {"type": "TextBlock", "text": expression}


def test_a_card_of_known_parts_passes_and_says_what_it_refers_to() -> None:
    link = {"type": "Action.OpenUrl", "title": "Docs", "url": "https://example.com/a/${first(assets).name}"}
    start = {"type": "Action.Submit", "title": "Go", "data": {"tool": "crawl", "arguments": {"full": True}}}
    rows = {"type": "Container", "$data": "${assets}", "items": [text("${name} of ${$root.total}")]}
    card = read(text("${count(assets)} of ${total}"), {"type": "Image", "url": "a.png"}, rows, actions=[link, start])
    assert card.findings == []
    assert (card.images, card.tools) == ({"a.png"}, {"crawl"})
    assert card.roots == {"assets", "total"}
    assert (card.elements, card.expressions) == (7, 6)


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"type": "Media", "sources": []}, "card.type"),
    ({"type": "${kind}"}, "card.type"),
    ({"type": ["TextBlock"]}, "card.type"),
    ({"type": "Action.Execute", "verb": "x"}, "card.type"),
    ({"type": "Action.ToggleVisibility", "targetElements": []}, "card.type"),
    (text("a") | {"requires": {}}, "card.property"),
    (text("a") | {"fallback": text("b")}, "card.property"),
    ({"type": "Input.Text", "id": "a", "regex": "(a+)+$"}, "card.property"),
    ({"type": "Container", "items": [], "selectAction": {}}, "card.property"),
    ({"type": "Container", "items": [], "backgroundImage": "https://x.example/a.png"}, "card.property"),
    (text("a") | {"url": "https://x.example"}, "card.property"),
    (text("a") | {"data": {"tool": "x"}}, "card.property"),
    (text("a") | {"${name}": 1}, "card.property"),
    ({"type": "Image", "url": "https://x.example/a.png"}, "card.image"),
    ({"type": "Image", "url": "data:image/svg+xml,<svg onload=alert(1)>"}, "card.image"),
    ({"type": "Image", "url": "//x.example/a.png"}, "card.image"),
    ({"type": "Image", "url": "${picture}"}, "card.image"),
    ({"type": "Image"}, "card.image"),
    ({"type": "Action.OpenUrl", "url": "javascript:alert(1)"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": "http://x.example"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": "https://${host}/a"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": "https://x.example${host}/a"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": "https://good.example@evil.example/"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": "${link}"}, "card.link"),
    ({"type": "Action.OpenUrl", "url": 7}, "card.link"),
    ({"type": "Action.Submit", "data": {"tool": "${name}"}}, "card.tool"),
    ({"type": "Action.Submit", "data": "crawl"}, "card.tool"),
    ({"type": "Action.Submit"}, "card.tool"),
    (text("${range(0, 1000000000)}"), "card.function"),
    (text("${json(big)}"), "card.function"),
    (text("${jPath(a, b)}"), "card.function"),
    (text("${if(x, '}', range(0, 9))}"), "card.expression"),
    (text("${`${range(0, 9)}`}"), "card.expression"),
    (text("${'\\'' + range(0, 9)}"), "card.expression"),
    (text("${range(0, 9)"), "card.function"),
    (text("${a"), "card.expression"),
    (text("${" + "a" * (limits.CARD_EXPRESSION_CHARS + 1) + "}"), "card.expression"),
    ({"type": "Action.Submit", "data": {"tool": "a", "arguments": {"x": "${range(0, 9)}"}}}, "card.function"),
    ({"type": "Action.Submit", "data": {"tool": "a", "${range(0, 9)}": 1}}, "card.function"),
    ({"type": "Container", "$data": "${range(0, 9)}", "items": []}, "card.function"),
    ({"type": "Container", "$data": [{"a": "${range(0, 9)}"}], "items": []}, "card.function"),
]


@pytest.mark.parametrize(("element", "code"), HOSTILE)
def test_a_hostile_part_is_a_finding(element: dict[str, Any], code: str) -> None:
    assert code in codes(element)


def test_actions_inside_of_shown_cards_are_held_to_the_same() -> None:
    inner = card_of(actions=[{"type": "Action.OpenUrl", "url": "javascript:alert(1)"}])
    assert codes(actions=[{"type": "Action.ShowCard", "title": "More", "card": inner}]) == {"card.link"}


def test_a_card_has_bounds_of_bytes_depth_elements_and_repeats() -> None:
    assert codes(text("x" * limits.CARD_BYTES)) == {"card.too-large"}
    assert codes(*[text("a")] * limits.CARD_ELEMENTS) == {"card.too-large"}
    assert codes(*[text("${a}${b}")] * (limits.CARD_EXPRESSIONS // 2)) == set()
    assert codes(text("${a}" * (limits.CARD_EXPRESSIONS + 1))) == {"card.too-large"}
    deep: dict[str, Any] = text("a")
    for _ in range(limits.CARD_DEPTH):
        deep = {"type": "Container", "items": [deep]}
    assert codes(deep) == {"card.too-deep"}
    bomb: dict[str, Any] = text("a") | {"$data": "${rows}"}
    for _ in range(limits.CARD_REPEATS):
        bomb = {"type": "Container", "$data": "${rows}", "items": [bomb]}
    assert codes(bomb) == {"card.repeats"}


@pytest.mark.parametrize(
    "data", [b"[]", b"{", b"\xff", b'{"type": "AdaptiveCard", "version": NaN}', b'{"a":' * 100_000, b""]
)
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    assert {row.code for row in read_card(data, "c.json").findings} <= {"card.json", "card.too-large"}
    assert read_card(data, "c.json").findings


def test_a_card_says_that_it_is_one_and_of_which_version() -> None:
    assert codes(type="TextBlock") == {"card.type"}
    assert codes(version="2.0") == {"card.version"}
    (finding,) = read(type="TextBlock").findings
    assert finding.where == "cards/a.json#type"
