"""Cards that would run a script, load from elsewhere, start another app's tool, or burn a reader's browser."""

import json
from collections.abc import Iterator
from typing import Any

from interlock.contract.core import limits
from scripts.attacks import bundles
from scripts.attacks.case import Case

MANIFEST = (
    bundles.MANIFEST.encode()
    + b"""
[[workflows.main.triggers]]
tool = "report"
input_schema = "report.schema.json"

[[views]]
id = "report"
title = "Report"
source = { tool = "report" }
card = "card.json"
"""
)


def cases() -> Iterator[Case]:
    """Every attack by a card."""
    for name, (wanted, data) in _CARDS.items():
        yield Case("cards", name, wanted, lambda data=data: verdict(data))


def verdict(card: bytes, **files: bytes) -> str:
    """What the inspection says of a bundle with this card."""
    content = {"interlock.toml": MANIFEST, "report.schema.json": b'{"type": "object"}', "card.json": card, **files}
    return bundles.verdict(content)


def _card(*body: Any, **fields: Any) -> bytes:
    return json.dumps({"type": "AdaptiveCard", "version": "1.5", "body": list(body), **fields}).encode()


def _text(text: str) -> dict[str, str]:
    return {"type": "TextBlock", "text": text}


def _link(url: str) -> bytes:
    return _card(actions=[{"type": "Action.OpenUrl", "title": "Read", "url": url}])


def _image(url: str) -> bytes:
    return _card({"type": "Image", "url": url})


def _deep() -> bytes:
    card: dict[str, Any] = _text("a")
    for _ in range(limits.CARD_DEPTH):
        card = {"type": "Container", "items": [card]}
    return _card(card)


def _bomb() -> bytes:
    card: dict[str, Any] = _text("a") | {"$data": "${rows}"}
    for _ in range(10):
        card = {"type": "Container", "$data": "${rows}", "items": [card]}
    return _card(card)


_CARDS: dict[str, tuple[str, bytes]] = {
    "a card of known parts": ("planned", _card(_text("${total} rows"))),
    "a link that is a script": ("refused card.link", _link("javascript:fetch('//evil.example')")),
    "a link whose host comes from the data": ("refused card.link", _link("https://${host}/")),
    "a link that hides its host behind a name": ("refused card.link", _link("https://bank.example@evil.example/")),
    "an image of another server": ("refused card.image", _image("https://evil.example/pixel.png")),
    "an image that is data": ("refused card.image", _image("data:image/svg+xml,<svg onload='alert(1)'/>")),
    "an image whose name comes from the data": ("refused card.image", _image("${pixel}")),
    "an image outside of the bundle": ("refused view.image", _image("../../etc/passwd")),
    "a background of another server": ("refused card.property", _card(backgroundImage="https://evil.example/a.png")),
    "an action of the tool of another app": (
        "refused view.tool",
        _card(actions=[{"type": "Action.Submit", "data": {"tool": "other__drop"}}]),
    ),
    "an action whose tool comes from the data": (
        "refused card.tool",
        _card(actions=[{"type": "Action.Submit", "data": {"tool": "${tool}"}}]),
    ),
    "an action of a server": ("refused card.type", _card(actions=[{"type": "Action.Execute", "verb": "a"}])),
    "a card that loads itself anew": ("refused card.property", _card(refresh={"action": {}})),
    "a card that asks to sign in": ("refused card.property", _card(authentication={"text": "Sign in"})),
    "a film": ("refused card.type", _card({"type": "Media", "sources": []})),
    "a pattern that backtracks": (
        "refused card.property",
        _card({"type": "Input.Text", "id": "a", "regex": "(a+)+$"}),
    ),
    "a type that comes from the data": ("refused card.type", _card({"type": "${kind}", "url": "a"})),
    "a thousand million rows": ("refused card.function", _card(_text("a") | {"$data": "${range(0, 1000000000)}"})),
    "a function behind a brace in a text": ("refused card.expression", _card(_text("${if(a, '}', range(0, 9))}"))),
    "rows of rows of rows": ("refused card.repeats", _bomb()),
    "a deep card": ("refused card.too-deep", _deep()),
    "a large card": ("refused card.too-large", _card(_text("x" * limits.CARD_BYTES))),
    "levels without an end": ("refused card.json", b'{"a":' * 10_000),
}
