"""Reads the routes of the two APIs from their handlers' syntax trees, for docs/api.md."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
APIS = {
    "Control API": ("functions/api", "People and programs, with `Authorization: Bearer TOKEN` of the user pool."),
    "Runtime API": (
        "functions/runtime_api",
        "Steps, by the SDK: signed (SigV4) by the session that the gate vended, with the gate's `X-Interlock-Ticket`.",
    ),
}
METHODS = ("get", "post", "put", "patch", "delete")


class Route(NamedTuple):
    """One route."""

    method: str
    path: str
    about: str
    action: str
    """What Cedar is asked about; empty where any identity may."""
    query: tuple[str, ...]
    body: str
    """The fields of the body; empty where it takes none."""


def routes(folder: str) -> list[Route]:
    """The routes of an API, in the order of its source."""
    return [route for path in sorted((ROOT / folder).glob("*.py")) for route in _of_file(ast.parse(path.read_text()))]


def api_page(generated: str) -> str:
    """docs/api.md."""
    lines = [
        "# API",
        "",
        generated,
        "",
        "JSON in, JSON out; what is not a success is problem+json ([errors.md](errors.md)). `cursor` of an answer goes",
        "into `cursor` of the next call. `action` is what the Cedar policies decide about.",
        "",
        "`POST /v1/tenants/{tenant}/mcp` is the copilots' endpoint, in the same API: [copilots.md](copilots.md).",
    ]
    for title, (folder, about) in APIS.items():
        lines += ["", f"## {title}", "", about, "", "| route | what | query or body | action |", "|---|---|---|---|"]
        for route in routes(folder):
            words = ", ".join(f"`{word}`" for word in route.query)
            path = route.path.replace("<", "{").replace(">", "}")
            action = f"`{route.action}`" if route.action else ""
            lines.append(f"| `{route.method} {path}` | {route.about} | {words}{route.body} | {action} |")
    return "\n".join(lines) + "\n"


def _of_file(tree: ast.Module) -> Iterator[Route]:
    models = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in tree.body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            match decorator:
                case ast.Call(func=ast.Attribute(attr=method), args=[ast.Constant(value=str(path)), *_]) if (
                    method in METHODS
                ):
                    yield _route(method, path, node, models)
                case _:
                    continue


def _route(method: str, path: str, function: ast.stmt, models: dict[str, ast.ClassDef]) -> Route:
    assert isinstance(function, ast.FunctionDef)
    action, query, body = "", list[str](), ""
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id="caller"), args=[ast.Constant(value=str(found)), *_]):
                action = action or found
            case ast.Call(func=ast.Name(id="word"), args=[ast.Constant(value=str(found)), *_]):
                query.append(found)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=model), attr="model_validate_json")):
                body = _fields(model, models)
            case _:
                continue
    about = (ast.get_docstring(function) or "").partition("\n")[0]
    return Route(method.upper(), path, about, action, tuple(dict.fromkeys(query)), body)


def _fields(model: str, models: dict[str, ast.ClassDef]) -> str:
    node = models.get(model)
    if node is None:
        return f"body: `{model}`"
    fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
    return "body: " + ", ".join(f"`{ast.unparse(field.target)}`" for field in fields)
