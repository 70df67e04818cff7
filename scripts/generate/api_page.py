"""docs/api.md: every route of the two APIs, from docs/openapi.json and docs/openapi-runtime.json."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
APIS = {
    "Control API": ("docs/openapi.json", "People and programs, with `Authorization: Bearer TOKEN` of the user pool."),
    "Runtime API": (
        "docs/openapi-runtime.json",
        "Steps, by the SDK: signed (SigV4) by the session that the gate vended, with the gate's `X-Interlock-Ticket`.",
    ),
}
COLUMNS = ("route", "operation", "what it does", "query or body", "action")
Json = dict[str, Any]


def api_page(generated: str) -> str:
    """The page.

    Args:
        generated: the line that says how it is written.
    """
    lines = [
        "# API",
        "",
        generated,
        "",
        "Requests and answers are JSON; a failure is problem+json ([errors.md](errors.md)). The `cursor` of a page",
        "goes into `cursor` of the next call. `action` is what the Cedar policies decide about; `operation` is the",
        "method of the typed client, `interlock.client.Interlock`. The whole description is",
        "[openapi.json](openapi.json) (OpenAPI 3.1), and of the runtime API",
        "[openapi-runtime.json](openapi-runtime.json).",
        "",
        "`POST /v1/tenants/{tenant}/mcp` is the endpoint for copilots, in the same API: [copilots.md](copilots.md).",
    ]
    for title, (name, about) in APIS.items():
        document: Json = json.loads((ROOT / name).read_text())
        lines += ["", f"## {title}", "", about]
        for tag in document["tags"]:
            lines += ["", f"### {tag['name']}", "", tag["description"], ""]
            lines += [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
            lines += [f"| {' | '.join(row)} |" for row in _rows(document, tag["name"])]
    return "\n".join(lines) + "\n"


def _rows(document: Json, tag: str) -> Iterator[tuple[str, ...]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                action = operation.get("x-interlock-action", "")
                yield (
                    f"`{method.upper()} {path}`",
                    f"`{operation['operationId']}`",
                    operation["summary"].replace("|", "\\|"),
                    _input(document, operation),
                    f"`{action}`" if action else "",
                )


def _input(document: Json, operation: Json) -> str:
    """The query's parameters, or the body's fields."""
    query = [row["name"] for row in operation.get("parameters", []) if row.get("in") == "query"]
    if "requestBody" not in operation:
        return ", ".join(f"`{name}`" for name in query)
    ((_, content),) = operation["requestBody"]["content"].items()
    model = content["schema"]["$ref"].rpartition("/")[2]
    fields = document["components"]["schemas"][model].get("properties", {})
    return f"{model}: " + ", ".join(f"`{name}`" for name in fields)
