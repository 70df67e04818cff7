"""What each route of the control API takes and answers, read from its handler: the types are those of the use cases.

A handler parses its body with one model and ends in `ok(…)`. What stands there is followed to its type: through local
names, the use cases' return annotations, fields of models, and lists of dumped models. What can't be followed is an
error, so that no route is without its types.
"""

import ast
import inspect
import types
import typing
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from interlock.aws.tables.table import Stored

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("get", "post", "put", "delete")
STATUS = 200


class Untyped(Exception):
    """What a route answers can't be followed to a type."""


class Query(NamedTuple):
    """One word of a query string."""

    name: str
    kind: str
    """`string` or `integer`."""


class Operation(NamedTuple):
    """One route."""

    group: str
    """The module that it stands in: the client's attribute."""
    name: str
    """The function: the client's method. With its group, the operation's id."""
    method: str
    path: str
    about: str
    parameters: tuple[str, ...]
    query: tuple[Query, ...]
    asks: type[BaseModel] | None
    answers: Any
    """A model, or a dict of field names to types: an object that has no model of its own."""
    status: int
    action: str


def operations() -> list[Operation]:
    """Every route of the control API, in the order of modules and source."""
    found: list[Operation] = []
    for path in sorted((ROOT / "functions/api").glob("*.py")):
        if path.stem in ("__init__", "handler", "platform"):
            continue
        module = import_module(f"functions.api.{path.stem}")
        found += list(_of_module(module, ast.parse(path.read_text()), path.stem))
    return found


def _of_module(module: types.ModuleType, tree: ast.Module, word: str) -> Iterator[Operation]:
    prefixes = {name: value for name, value in vars(module).items() if isinstance(value, str)}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="app"), attr=method), args=[path, *_]) if (
                    method in METHODS
                ):
                    text = str(eval(compile(ast.Expression(path), "<path>", "eval"), dict(prefixes)))
                    yield _operation(module, tree, node, method, text, word)
                case _:
                    continue


def _helpers(node: ast.FunctionDef, tree: ast.Module) -> Iterator[ast.AST]:
    """What stands in the module's own private functions that a handler calls."""
    called = {
        inner.func.id for inner in ast.walk(node) if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }
    for one in tree.body:
        if isinstance(one, ast.FunctionDef) and one.name in called and one.name.startswith("_"):
            yield from ast.walk(one)


def _operation(
    module: types.ModuleType, tree: ast.Module, node: ast.FunctionDef, method: str, path: str, word: str
) -> Operation:
    scope = _Scope(module, node)
    try:
        answers, status = scope.answer()
    except Untyped as error:
        raise Untyped(f"functions/api/{word}.py: {node.name}: {error}") from error
    action, query = "", dict[str, str]()
    for inner in (*ast.walk(node), *_helpers(node, tree)):
        match inner:
            case ast.Call(func=ast.Name(id="caller"), args=[ast.Constant(value=str(found)), *_]):
                action = action or found
            case ast.Call(func=ast.Name(id="word"), args=[ast.Constant(value=str(found)), *_]):
                query.setdefault(found, "string")
            case ast.Call(func=ast.Name(id="number"), args=[ast.Constant(value=str(found)), *_]):
                query[found] = "integer"
            case _:
                continue
    about = (ast.get_docstring(node) or "").partition("\n")[0]
    scopes = {"tenants": "tenant", "publishers": "publisher"}
    several = len([1 for decorator in node.decorator_list if isinstance(decorator, ast.Call)]) > 1
    scope_word = f"_of_{scopes.get(path.split('/')[2], 'platform')}" if several else ""
    names = tuple(part[1:].partition(">")[0] for part in path.split("/") if part.startswith("<"))
    return Operation(
        name=node.name + scope_word,
        group=word,
        method=method,
        path=path.replace("<", "{").replace(">", "}"),
        about=about,
        parameters=names,
        query=tuple(Query(*pair) for pair in query.items()),
        asks=scope.asks(),
        answers=answers,
        status=status,
        action=action,
    )


class _Scope:
    """The names of one handler, followed to their types."""

    def __init__(self, module: types.ModuleType, node: ast.FunctionDef) -> None:
        self.module, self.node = module, node
        self.assigned: dict[str, ast.expr] = {}
        self.hints: dict[str, Any] = {argument.arg: str for argument in node.args.args}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assign):
                self._assign(inner.targets[0], inner.value)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.assigned.setdefault(target.id, value)
        elif isinstance(target, ast.Tuple):
            for index, part in enumerate(target.elts):
                inner = value.elts[index] if isinstance(value, ast.Tuple) else None
                item = inner or ast.Subscript(value=value, slice=ast.Constant(value=index), ctx=ast.Load())
                self._assign(part, item)

    def asks(self) -> type[BaseModel] | None:
        for inner in ast.walk(self.node):
            match inner:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="model_validate_json")):
                    return getattr(self.module, name)
                case _:
                    continue
        return None

    def answer(self) -> tuple[Any, int]:
        """What the last `ok` answers, and its status."""
        calls = [inner for inner in ast.walk(self.node) if isinstance(inner, ast.Call) and _is_ok(inner)]
        if not calls:
            raise Untyped("no ok(…)")
        status = next((arg.value for arg in calls[0].args[1:] if isinstance(arg, ast.Constant)), STATUS)
        shapes = [self._answered(call.args[0]) for call in calls]
        models = [shape for shape in shapes if not isinstance(shape, dict)]
        return (shapes[0] if len(shapes) == 1 else reduce(lambda one, other: one | other, models)), int(str(status))

    def _answered(self, value: ast.expr) -> Any:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "model_dump":
            value = value.func.value
        return self._shape(value)

    def _shape(self, value: ast.expr) -> Any:
        if isinstance(value, ast.Dict):
            return {
                str(key.value): self._shape(item)
                for key, item in zip(value.keys, value.values, strict=True)
                if isinstance(key, ast.Constant)
            }
        return self._type(value)

    def _type(self, value: ast.expr) -> Any:
        match value:
            case ast.Constant(value=constant):
                return type(constant)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Call():
                return self._call(value)
            case ast.Attribute(value=inner, attr=name):
                return _field(self._type(inner), name)
            case ast.Subscript(value=inner, slice=ast.Constant(value=int(index))):
                return typing.get_args(_unwrapped(self._type(inner)))[index]
            case ast.ListComp(elt=element, generators=[generator]):
                return self._list(element, generator)
            case ast.IfExp(body=body):
                return self._type(body)
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return bool
            case ast.JoinedStr():
                return str
            case _:
                raise Untyped(ast.unparse(value))

    def _name(self, name: str) -> Any:
        if name in self.hints:
            return self.hints[name]
        if name in self.assigned:
            return self._type(self.assigned[name])
        found = getattr(self.module, name, None)
        if found is None:
            raise Untyped(name)
        return found

    def _call(self, call: ast.Call) -> Any:
        if isinstance(call.func, ast.Name) and call.func.id in ("list", "tuple", "sorted") and call.args:
            return self._type(call.args[0])
        if isinstance(call.func, ast.Attribute):
            owner = _unwrapped(self._type(call.func.value))
            if call.func.attr in ("model_dump", "model_copy", "model_validate", "model_validate_json"):
                return owner
            return _returned(getattr(owner, call.func.attr, None), ast.unparse(call))
        found = self._type(call.func)
        return found if isinstance(found, type) else _returned(found, ast.unparse(call))

    def _list(self, element: ast.expr, generator: ast.comprehension) -> Any:
        inner = _item(self._type(generator.iter))
        if isinstance(generator.target, ast.Name):
            self.hints[generator.target.id] = inner
        elif isinstance(generator.target, ast.Tuple):
            for part, kind in zip(generator.target.elts, typing.get_args(inner), strict=False):
                if isinstance(part, ast.Name):
                    self.hints[part.id] = kind
        return list[self._type(element)]


def _is_ok(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "ok"


def _returned(function: Any, words: str) -> Any:
    target = inspect.unwrap(function) if callable(function) else None
    if target is None:
        raise Untyped(words)
    hints = typing.get_type_hints(target)
    if "return" not in hints:
        raise Untyped(f"{words} says not what it returns")
    return hints["return"]


def _field(owner: Any, name: str) -> Any:
    owner = _unwrapped(owner)
    if typing.get_origin(owner) is Stored and name == "item":
        return typing.get_args(owner)[0]
    if isinstance(owner, type) and issubclass(owner, BaseModel) and name in owner.model_fields:
        return typing.get_type_hints(owner, include_extras=True)[name]
    hints = typing.get_type_hints(owner) if isinstance(owner, type) else {}
    if name in hints:
        return hints[name]
    found = getattr(owner, name, None)
    if isinstance(found, property) and found.fget is not None:
        return _returned(found.fget, name)
    raise Untyped(f"{owner}.{name}")


def _item(kind: Any) -> Any:
    arguments = typing.get_args(_unwrapped(kind))
    if not arguments:
        raise Untyped(f"items of {kind}")
    return arguments[0]


def _unwrapped(kind: Any) -> Any:
    """A type without `None` beside it."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        rest = [one for one in typing.get_args(kind) if one is not type(None)]
        return rest[0] if len(rest) == 1 else kind
    return kind
