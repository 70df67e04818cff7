"""The app of the tests of views: cards over a report and over the catalog, and one that takes too long to fill."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

MANIFEST = """
[app]
id = "pages/pages"
version = "1.0.0"
title = "Pages"
summary = "Brings pages."
category = "compliance"

[permissions]
catalog = ["read", "write:tags"]

[steps.report]
handler = "pages:report"
idempotent = true

[workflows.report]
steps = ["report"]

[[workflows.report.triggers]]
tool = "report"
input_schema = "report.schema.json"
description = "Report on the catalog."

[[views]]
id = "report"
title = "The report"
source = { tool = "report" }
card = "cards/report.json"

[[views]]
id = "slow"
title = "The slow one"
source = { tool = "report" }
card = "cards/slow.json"

[[views]]
id = "sources"
title = "Tables by source"
source = { query = { type = "table" } }
card = "cards/sources.json"

[[views]]
id = "asset"
title = "This asset"
where = "asset"
source = { query = { subject = true } }
card = "cards/asset.json"

[[tests]]
workflow = "report"
input = "golden/in.json"
expect = "golden/out.json"
"""
CODE = '''
"""The report."""

from interlock import step


@step
def report(fields, ctx):
    """Numbers, a text that looks like HTML and one like Markdown, and a link."""
    rows = [{"n": number} for number in range(400)]
    text = "<img src=x onerror=alert(1)> **bold**"
    return {"total": 400, "text": text, "page": "a/b", "rows": rows, "note": fields.get("note", "")}
'''
SLOW = "${count(select(rows, a, count(select(rows, b, count(where(rows, c, c.n > a.n))))))}"


def card(*body: dict[str, Any], actions: tuple[dict[str, Any], ...] = ()) -> str:
    """A card as JSON."""
    return json.dumps({"type": "AdaptiveCard", "version": "1.5", "body": list(body), "actions": list(actions)})


def text(value: str) -> dict[str, Any]:
    """An element of text."""
    return {"type": "TextBlock", "text": value, "wrap": True}


def png() -> bytes:
    """A green square of 16 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x2e\x8b\x57" * 16 for _ in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write_pages(folder: Path) -> Path:
    """Write the app into a folder."""
    output = {
        "total": 400,
        "text": "<img src=x onerror=alert(1)> **bold**",
        "page": "a/b",
        "rows": [{"n": number} for number in range(400)],
        "note": "",
    }
    link = {"type": "Action.OpenUrl", "title": "Read more", "url": "https://example.com/${page}"}
    send = {"type": "Action.Submit", "title": "Report again", "data": {"tool": "report", "arguments": {"again": True}}}
    note = {"type": "Input.Text", "id": "note", "label": "Note", "placeholder": "Note"}
    image = {"type": "Image", "url": "cards/square.png", "altText": "A square", "width": "16px"}
    facts = {
        "type": "FactSet",
        "facts": [{"$data": "${sources}", "title": "${source}", "value": "${tagged} of ${assets}"}],
    }
    asset = {"type": "Container", "$data": "${assets}", "items": [text("Known as ${qualified_name}")]}
    files: dict[str, str | bytes] = {
        "interlock.toml": MANIFEST,
        "pages.py": CODE,
        "report.schema.json": json.dumps({"type": "object"}),
        "cards/report.json": card(
            image, text("${total} rows: ${text}"), text("Note: ${note}"), note, actions=(link, send)
        ),
        "cards/slow.json": card(text(SLOW)),
        "cards/sources.json": card(text("${counted} tables"), facts),
        "cards/asset.json": card(asset),
        "cards/square.png": png(),
        "golden/in.json": "{}",
        "golden/out.json": json.dumps(output),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
