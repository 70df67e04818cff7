"""Writes the typed client, `interlock/client/models.py` and `operations.py`, from the routes of the control API.

A model of the contract is imported; one that stands with its use case or route is copied, its fields and words alone.
"""

import ast
import inspect
import subprocess
import sys
import types
import typing
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BaseModel

from scripts.generate.operations import ROOT, Operation, Query, operations

MODELS, OPERATIONS = ROOT / "interlock/client/models.py", ROOT / "interlock/client/operations.py"
CONTRACT = "interlock.contract"
GENERATED = "Written by `python -m scripts.generate.client` from functions/api: change the routes, not this."
RESERVED = {"import", "from", "class", "def", "global", "pass"}


class Answer(NamedTuple):
    """How an operation's answer is written and read."""

    kind: str
    """The annotation."""
    reads: str
    """The expression around the call, with `{}` for it."""


class Models:
    """The models that the client needs: imported, copied, or made for an answer."""

    def __init__(self) -> None:
        """None yet."""
        self.imports: dict[str, set[str]] = {}
        self.copied: dict[str, str] = {}

    def word(self, kind: Any) -> str:
        """An annotation in the words of the models' module."""
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if kind is Any or kind is None or kind is type(None):
            return "Any" if kind is Any else "None"
        if origin is Annotated:
            return self.word(arguments[0])
        if origin is typing.Union or isinstance(kind, types.UnionType):
            return " | ".join(self.word(one) for one in arguments)
        if origin in (list, tuple, dict):
            inner = ", ".join("..." if one is Ellipsis else self.word(one) for one in arguments)
            return f"{origin.__name__}[{inner}]"
        if kind in (dict, list):
            return "dict[str, Any]" if kind is dict else "list[Any]"
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            self.add(kind)
        return str(kind.__name__)

    def add(self, kind: type[BaseModel]) -> None:
        """Import a model of the contract, or copy another one with what it is made of."""
        if kind.__module__.startswith(CONTRACT):
            self.imports.setdefault(kind.__module__, set()).add(kind.__name__)
        elif kind.__name__ not in self.copied:
            self.copied[kind.__name__] = ""
            text = self._copy(kind)
            # Last again, so that it stands after what it is made of.
            del self.copied[kind.__name__]
            self.copied[kind.__name__] = text

    def make(self, name: str, fields: dict[str, Any], about: str) -> None:
        """A model of an object that has none of its own."""
        lines = [f"class {name}(Document):", f'    """{about}"""', ""]
        self.imports.setdefault(f"{CONTRACT}.core.base", set()).add("Document")
        lines += [f"    {field}: {self.word(kind)}" for field, kind in fields.items()]
        self.copied[name] = "\n".join(lines)

    def _copy(self, kind: type[BaseModel]) -> str:
        module = import_module(kind.__module__)
        tree = ast.parse(inspect.getsource(module))
        node = next(one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == kind.__name__)
        kept = [one for one in node.body if isinstance(one, ast.AnnAssign | ast.Expr)]
        node.body = [one for one in kept if not (isinstance(one, ast.Expr) and not isinstance(one.value, ast.Constant))]
        node.decorator_list = []
        for one in node.body:
            if isinstance(one, ast.AnnAssign) and isinstance(one.annotation, ast.Constant):
                one.annotation = ast.parse(str(one.annotation.value), mode="eval").body
        self._names(node, module, tree)
        return ast.unparse(node)

    def _names(self, node: ast.AST, module: types.ModuleType, tree: ast.Module) -> None:
        origins = {
            alias.asname or alias.name: one.module
            for one in tree.body
            if isinstance(one, ast.ImportFrom) and one.module
            for alias in one.names
        }
        assigned = {
            one.targets[0].id: one
            for one in tree.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        for inner in ast.walk(node):
            name = inner.id if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) else ""
            found = getattr(module, name, None) if name else None
            if isinstance(found, type) and issubclass(found, BaseModel):
                self.add(found)
            elif isinstance(found, types.ModuleType) and name in origins:
                self.imports.setdefault(origins[name], set()).add(name)
            elif name in assigned and name not in self.copied:
                self.copied[name] = ""
                self._names(assigned[name].value, module, tree)
                self.copied[name] = ast.unparse(assigned[name])
            elif name in origins:
                self.imports.setdefault(origins[name], set()).add(name)

    def text(self) -> str:
        """The module."""
        lines = [f'"""What the control API takes and answers.\n\n{GENERATED}\n"""', ""]
        lines += ["from typing import Any", ""]
        lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(self.imports.items())]
        simple = [text for text in self.copied.values() if not text.startswith("class ")]
        classes = {name: text for name, text in self.copied.items() if text.startswith("class ")}
        lines += ["", *simple, ""]
        for text in classes.values():
            lines += ["", text, ""]
        public = sorted({*classes, *(name for names in self.imports.values() for name in names)})
        return "\n".join([*lines, "", f"__all__ = {public!r}", ""])


def written() -> dict[Path, str]:
    """The two files and what stands in them."""
    models = Models()
    groups: dict[str, list[str]] = {}
    for operation in operations():
        groups.setdefault(operation.group, []).append(_method(operation, models))
    lines = [f'"""Every call of the control API, typed.\n\n{GENERATED}\n"""', ""]
    lines += [
        "from typing import Any",
        "",
        "from interlock.client import models",
        "from interlock.client.calls import Calls, part",
        "",
    ]
    for group, methods in groups.items():
        lines += ["", f"class {group.title().replace('_', '')}:", f'    """Calls of `functions/api/{group}.py`."""', ""]
        lines += ["    def __init__(self, calls: Calls) -> None:", '        """Keep how calls are made."""']
        lines += ["        self._calls = calls", "", *methods]
    lines += ["", "class Interlock:", '    """The control API, by groups of calls."""', ""]
    lines += ["    def __init__(self, calls: Calls) -> None:", '        """Make calls by these."""']
    lines += [f"        self.{group} = {group.title().replace('_', '')}(calls)" for group in groups]
    return {MODELS: models.text(), OPERATIONS: "\n".join(lines) + "\n"}


def _method(operation: Operation, models: Models) -> str:
    answer = _answer(operation, models)
    parameters = [f"{name}: str" for name in operation.parameters]
    if operation.asks is not None:
        models.add(operation.asks)
        parameters.append(f"body: models.{operation.asks.__name__}")
    query = [_parameter(one) for one in operation.query]
    key = operation.method == "post"
    words = ["self", *parameters, *(["*"] if query or key else []), *query, *(['key: str = ""'] if key else [])]
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", f"{{part({name})}}")
    given = [f'"{operation.method.upper()}"', f'f"{path}"' if operation.parameters else f'"{path}"']
    if operation.method in ("post", "put"):
        body = 'body.model_dump(mode="json", by_alias=True)' if operation.asks else "{}"
        given.append(body)
    if key:
        given.append("key=key")
    pairs = ", ".join(f'"{one.name}": {_safe(one.name)}' for one in operation.query)
    given += [f"query={{{pairs}}}"] if pairs else []
    call = f"self._calls.call({', '.join(given)})"
    about = operation.about.replace('"', "'")
    lines = [f"    def {_safe(operation.name)}({', '.join(words)}) -> {answer.kind}:", f'        """{about}"""']
    return "\n".join([*lines, f"        return {answer.reads.format(call)}", ""])


def _parameter(one: Query) -> str:
    return f"{_safe(one.name)}: int | None = None" if one.kind == "integer" else f'{_safe(one.name)}: str = ""'


def _answer(operation: Operation, models: Models) -> Answer:
    kind = operation.answers
    if isinstance(kind, dict):
        name = "".join(part.title() for part in f"{operation.group}_{operation.name}".split("_")) + "Answer"
        models.make(name, cast("dict[str, Any]", kind), f"What `{operation.method.upper()} {operation.path}` answers.")
        return Answer(f"models.{name}", f"models.{name}.model_validate({{}})")
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        models.add(kind)
        return Answer(f"models.{kind.__name__}", f"models.{kind.__name__}.model_validate({{}})")
    return Answer("Any", "{}")


def _safe(name: str) -> str:
    return f"{name}_" if name in RESERVED else name.replace("-", "_").replace(":", "_")


def tidy(path: Path, text: str) -> str:
    """A file's text as ruff writes it."""
    for words in (["check", "--fix", "--exit-zero", "--quiet"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(path), "-"]
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


def main() -> None:
    """Write them."""
    for path, text in written().items():
        path.write_text(tidy(path, text))
        sys.stdout.write(f"wrote {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
