"""Writes the typed client, interlock/client/api.py and interlock/client/resources, from docs/openapi.json.

`python -m scripts.generate.client`. A tag is a resource, an operation id `resource.verb` a method. The models are those
of interlock.contract, by the names that they have in the document: the server and the client share one definition.
"""

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, NamedTuple

from pydantic import BaseModel

from interlock import contract

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/openapi.json"
CLIENT = ROOT / "interlock/client"
GENERATED = "Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this."
JSON = "application/json"
WIDTH = 112
ANY_SIZE = 1
"""In place of the size of a page that the API chooses itself."""
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
Schema = dict[str, Any]


class Parameter(NamedTuple):
    """A parameter of the path or of the query."""

    name: str
    kind: str
    """Its annotation."""
    required: bool
    maximum: int = 0
    """Of a number; 0 where there is none."""

    @property
    def argument(self) -> str:
        """Its name in Python."""
        return f"{self.name}_" if iskeyword(self.name) else self.name


class Operation(NamedTuple):
    """One method of the client."""

    resource: str
    verb: str
    summary: str
    description: str
    method: str
    path: str
    in_path: tuple[Parameter, ...]
    in_query: tuple[Parameter, ...]
    body: str
    """The name of the body's model; empty where there is none."""
    answer: str
    """The name of the answer's model; `str` for text, `dict[str, Any]` for an object without a model."""
    rows: tuple[str, str] | None
    """For a page of a list: the field that holds its rows, and the model of a row."""


def written() -> dict[Path, str]:
    """Every file of the client that is generated, with its text."""
    document: Schema = json.loads(DOCUMENT.read_text())
    known = dict(_known())
    abouts = {tag["name"]: tag["description"] for tag in document["tags"]}
    resources: dict[str, list[Operation]] = {}
    for operation in _operations(document):
        resources.setdefault(operation.resource, []).append(operation)
    files = {
        CLIENT / f"resources/{name}.py": _resource(name, abouts[name], rows, known)
        for name, rows in sorted(resources.items())
    }
    return files | {CLIENT / "api.py": _api(abouts)}


def _operations(document: Schema) -> Iterator[Operation]:
    schemas: Schema = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            resource, _, verb = operation["operationId"].partition(".")
            parameters = [row for row in operation.get("parameters", []) if "$ref" not in row]
            places = {
                place: tuple(_parameter(row) for row in parameters if row["in"] == place) for place in ("path", "query")
            }
            body: Schema = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
            answer = _answer(operation)
            yield Operation(
                resource,
                verb,
                operation["summary"],
                operation.get("description", ""),
                method.upper(),
                path,
                places["path"],
                places["query"],
                _name(body) if body else "",
                answer,
                _rows(schemas.get(answer, {})) if any(row.name == "cursor" for row in places["query"]) else None,
            )


def _parameter(row: Schema) -> Parameter:
    return Parameter(row["name"], _kind(row["schema"]), row["required"], int(row["schema"].get("maximum", 0)))


def _answer(operation: Schema) -> str:
    success = next(answer for status, answer in operation["responses"].items() if status < "300")
    content: Schema = success["content"]
    if JSON not in content:
        return "str"
    schema: Schema = content[JSON]["schema"]
    return _name(schema) if "$ref" in schema else "dict[str, Any]"


def _rows(page: Schema) -> tuple[str, str] | None:
    lists = [(name, field["items"]) for name, field in page.get("properties", {}).items() if "items" in field]
    return (lists[0][0], _name(lists[0][1])) if len(lists) == 1 and "$ref" in lists[0][1] else None


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    return SCALARS[schema["type"]]


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _known() -> Iterator[tuple[str, str]]:
    """Every model and enumeration of the contract, with its module."""
    for module_info in walk_packages(contract.__path__, f"{contract.__name__}."):
        for name, kind in vars(import_module(module_info.name)).items():
            if isinstance(kind, type) and issubclass(kind, BaseModel | Enum) and kind.__module__ == module_info.name:
                yield name, module_info.name


def _resource(name: str, about: str, operations: list[Operation], known: Mapping[str, str]) -> str:
    methods = [text for operation in operations for text in _methods(operation)]
    body = "\n".join(methods)
    used = sorted(
        {
            word
            for operation in operations
            for word in (operation.body, operation.answer, *(operation.rows or ())[1:], *_kinds(operation))
            if word in known
        }
    )
    lines = [f'"""{about}\n\n{GENERATED}\n"""', ""]
    lines += ["from collections.abc import Iterator", "import json", "from typing import Any, Literal", ""]
    lines += ["from interlock.client.calls import Calls, part, rows"]
    lines += [f"from {known[word]} import {word}" for word in used]
    lines += ["", "", f"class {_class(name)}:", f'    """{about}"""', ""]
    lines += ["    def __init__(self, calls: Calls) -> None:", '        """Make the calls by these."""']
    lines += ["        self._calls = calls", "", body]
    return tidy(CLIENT / f"resources/{name}.py", "\n".join(lines))


def _kinds(operation: Operation) -> Iterator[str]:
    for parameter in (*operation.in_path, *operation.in_query):
        yield parameter.kind


def _methods(operation: Operation) -> Iterator[str]:
    query = [f"{one.argument}: {one.kind}" + ("" if one.required else " | None = None") for one in operation.in_query]
    yield _method(operation, query)
    if operation.rows is not None:
        yield _iterator(operation, query)


def _method(operation: Operation, query: list[str]) -> str:
    key = ['key: str = ""'] if operation.method == "POST" else []
    body = [f"body: {operation.body}"] if operation.body else []
    path = operation.path
    for one in operation.in_path:
        path = path.replace(f"{{{one.name}}}", f"{{part({one.argument})}}")
    sent = [f'"{operation.method}"', f'{"f" if operation.in_path else ""}"{path}"']
    sent += ["body"] if body else ["{}"] if operation.method in ("POST", "PUT") else []
    sent += [f"query={{{', '.join(f'{one.name!r}: {one.argument}' for one in operation.in_query)}}}"] if query else []
    sent += ["key=key"] if key else []
    call = f"self._calls.fetch({', '.join(sent)})"
    match operation.answer:
        case "str":
            answer = f"{call}.decode()"
        case "dict[str, Any]":
            answer = f"json.loads({call})"
        case model:
            answer = f"{model}.model_validate_json({call})"
    arguments = _arguments(operation, [*body], [*query, *key])
    about = _docstring(operation.summary, operation.description)
    return _function(operation.verb, arguments, operation.answer, about, f"return {answer}")


def _iterator(operation: Operation, query: list[str]) -> str:
    """The method that walks a list's pages."""
    assert operation.rows is not None
    field, row = operation.rows
    size = next((one.maximum for one in operation.in_query if one.name == "limit"), 0)
    paging = ("limit", "cursor")
    names = [text for text, one in zip(query, operation.in_query, strict=True) if one.name not in paging]
    passed = [one.argument for one in operation.in_path]
    passed += [f"{one.argument}={one.argument}" for one in operation.in_query if one.name not in paging]
    passed += ["limit=limit"] if size else []
    call = f"self.{operation.verb}({', '.join([*passed, 'cursor=cursor'])})"
    name = "iterate" if operation.verb == "list" else f"iterate_{operation.verb.removeprefix('list_')}"
    arguments = _arguments(operation, [], [*names, "most: int | None = None"])
    about = f"Every row of `{operation.verb}`, page by page; at most `most` of them."
    walk = f"return rows(lambda limit, cursor: {call}, lambda page: page.{field}, most, {size or ANY_SIZE})"
    return _function(name, arguments, f"Iterator[{row}]", about, walk)


def _arguments(operation: Operation, body: list[str], by_name: list[str]) -> str:
    in_path = [f"{one.argument}: str" for one in operation.in_path]
    return ", ".join(["self", *in_path, *body, *(["*", *by_name] if by_name else [])])


def _docstring(summary: str, description: str) -> str:
    """What an operation does, as the text of a docstring: its first sentence, then the rest."""
    first, _, rest = summary.partition(". ")
    paragraphs = [f"{first.rstrip('.')}.", *textwrap.wrap(" ".join((rest, description)).strip(), WIDTH)]
    return "\n        ".join([paragraphs[0], "", *paragraphs[1:], ""]).rstrip() + (
        "\n        " if len(paragraphs) > 1 else ""
    )


def _function(name: str, arguments: str, answer: str, about: str, statement: str) -> str:
    name = f"{name}_" if iskeyword(name) else name
    return f'    def {name}({arguments}) -> {answer}:\n        """{about}"""\n        {statement}\n'


def _api(abouts: Mapping[str, str]) -> str:
    lines = [f'"""The typed client of the control API.\n\n{GENERATED}\n"""', ""]
    lines += ["from functools import cached_property", "from typing import TYPE_CHECKING", ""]
    lines += ["from interlock.client.calls import Calls", "", "if TYPE_CHECKING:"]
    lines += [f"    from interlock.client.resources.{name} import {_class(name)}" for name in abouts]
    lines += [
        "",
        "",
        "class Interlock:",
        '    """The control API, by its resources. A resource is imported when it is used."""',
    ]
    lines += ["", "    def __init__(self, calls: Calls) -> None:", '        """Make the calls by these."""']
    lines += ["        self._calls = calls"]
    for name, about in abouts.items():
        lines += ["", "    @cached_property", f'    def {name}(self) -> "{_class(name)}":', f'        """{about}"""']
        lines += [f"        from interlock.client.resources.{name} import {_class(name)}", ""]
        lines += [f"        return {_class(name)}(self._calls)"]
    return tidy(CLIENT / "api.py", "\n".join(lines) + "\n")


def _class(name: str) -> str:
    return f"{name.title().replace('_', '')}Resource"


def tidy(path: Path, text: str) -> str:
    """A file's text as ruff writes it."""
    for parts in (["check", "--fix", "--exit-zero", "--quiet"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *parts, "--stdin-filename", str(path), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


def main() -> None:
    """Write them, and remove the resources that are no more."""
    files = written()
    for path in (CLIENT / "resources").glob("*.py"):
        if path not in files and path.name != "__init__.py":
            path.unlink()
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    sys.stdout.write(f"wrote {len(files)} files of {CLIENT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
