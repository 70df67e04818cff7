"""Which calls of AWS a function's handler can come to, by the names that its code uses. Nothing is imported.

It says too much rather than too little: a name that is used may be any function or method of that name in the modules
that are imported. So an action that it does not find, no code of the function makes.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BODY = "<module>"


@dataclass
class Function:
    """A function, a method, or what a module runs when it is imported."""

    place: str
    names: set[str] = field(default_factory=set[str])
    clients: set[str] = field(default_factory=set[str])
    words: set[str] = field(default_factory=set[str])
    """Attributes and string constants: among them are the operations that it calls."""


@dataclass
class Module:
    """A module: what it imports, and its functions by name."""

    imports: set[str] = field(default_factory=set[str])
    functions: dict[str, list[Function]] = field(default_factory=lambda: defaultdict(list))


def calls_of(handler: str) -> dict[tuple[str, str], set[str]]:
    """By service and word of a call (an operation, where the service has one of that name), the functions that make it.

    Args:
        handler: the module of the handler, such as `functions.gate.handler`.
    """
    calls: dict[tuple[str, str], set[str]] = defaultdict(set)
    for function in reached(handler):
        for service in function.clients:
            for word in function.words:
                calls[service, word].add(function.place)
    return calls


@cache
def reached(handler: str) -> list[Function]:
    """Every function that a handler can come to."""
    own = _beside(handler)
    modules = {name: module_of(name) for name in _closure([handler, *own])}
    by_name: dict[str, list[Function]] = defaultdict(list)
    for module in modules.values():
        for name, rows in module.functions.items():
            by_name[name] += rows
    functions: dict[str, Function] = {}
    todo = [*by_name[BODY], *modules[handler].functions["handler"]]
    # A route is registered by its decorator, and its name is not used again.
    todo += [function for name in own for rows in modules[name].functions.values() for function in rows]
    while todo:
        function = todo.pop()
        if function.place not in functions:
            functions[function.place] = function
            todo += [other for name in function.names for other in by_name.get(name, ())]
    return list(functions.values())


def _beside(handler: str) -> list[str]:
    """The modules in the handler's folder, which it may look for by itself."""
    folder = ROOT / handler.rpartition(".")[0].replace(".", "/")
    return [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(folder.rglob("*.py"))]


def _closure(handlers: list[str]) -> set[str]:
    names: set[str] = set()
    todo = list(handlers)
    while todo:
        name = todo.pop()
        if name not in names and _file(name) is not None:
            names.add(name)
            todo += module_of(name).imports
    return names


def _file(name: str) -> Path | None:
    stem = ROOT / name.replace(".", "/")
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


@cache
def module_of(name: str) -> Module:
    """Read a module's source."""
    path = _file(name)
    assert path is not None
    tree = ast.parse(path.read_text())
    module = Module()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            module.imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            module.imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    _read(tree.body, name, module, Function(f"{name}:{BODY}"))
    return module


def _read(body: list[ast.stmt], place: str, module: Module, outer: Function) -> None:
    """Read the functions of a module or class; what stands between them is the body's own."""
    if outer.place.endswith(BODY):
        module.functions[BODY].append(outer)
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = _function(node, f"{place}:{node.name}")
            module.functions[node.name].append(function)
            for decorator in node.decorator_list:
                _collect(decorator, outer)
        elif isinstance(node, ast.ClassDef):
            inner = Function(f"{place}.{node.name}:{BODY}")
            _read(node.body, f"{place}.{node.name}", module, inner)
            # Whoever names a class can make one of it.
            maker = Function(
                f"{place}.{node.name}", names={"__init__", "__post_init__", "__enter__", "__exit__", "__call__"}
            )
            module.functions[node.name].append(maker)
        elif not isinstance(node, ast.Import | ast.ImportFrom):
            _collect(node, outer)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, place: str) -> Function:
    function = Function(place)
    for part in node.body:
        _collect(part, function)
    for part in [*node.args.defaults, *(row for row in node.args.kw_defaults if row)]:
        _collect(part, function)
    return function


def _collect(tree: ast.AST, function: Function) -> None:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="client"), args=[ast.Constant(value=str(service)), *_]):
                function.clients.add(service)
            case ast.Name(id=name):
                function.names.add(name)
            case ast.Attribute(attr=name):
                function.names.add(name)
                function.words.add(name)
            case ast.Constant(value=str(text)):
                function.words.add(text)
            case _:
                pass
