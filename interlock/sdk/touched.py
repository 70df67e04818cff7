"""What a failing line reads of the step's input: `orders[2].lines[0].price`, found by syntax and by identity.

Nothing of the publisher's is called: names are looked up in the frame's locals, and from there only fields of models,
dicts and lists are followed, as the line writes them. A name that holds a scalar is traced to its assignment, to the
loop that set it, or to the argument that the caller passed. What can't be followed is left out.
"""

from __future__ import annotations

import ast
import dataclasses
import linecache
from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import FrameType
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

MAX_NODES = 20_000
"""Containers of an input that are looked at; what lies behind them is not found."""
MAX_SOURCE_LINES = 20_000
MAX_TOUCHED = 12
MAX_STEPS = 40
"""How far one value is traced through names, assignments and callers."""
ROOT = "$"
_DEFERRED = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")
_VIEWS = ("items", "values", "keys", "copy")


class Missing:
    """Stands for what the line reads and the input does not have."""

    def __repr__(self) -> str:
        """How it is shown."""
        return "<missing>"


MISSING = Missing()
_UNKNOWN = object()


class Found(NamedTuple):
    """A value that was traced: `path` is None where it is none of the input's."""

    path: str | None
    value: Any


class Call(NamedTuple):
    """One frame of a traceback: the frame, its line and its last instruction."""

    frame: FrameType
    line: int
    instruction: int


def touched(calls: Sequence[Call], item: Any) -> dict[str, Any]:
    """What the innermost call's failing statement reads of the input.

    Args:
        calls: frames of publisher code, innermost last.
        item: the parsed input, as the step function got it.

    Returns:
        The value (or MISSING) by path, at most MAX_TOUCHED; `$` is the whole input.
    """
    index = _index(item)
    scope: _Scope | None = None
    for call in calls:
        scope = _Scope(call, scope, index, item)
    values: dict[str, Any] = {}
    for node in scope.reads() if scope else ():
        hit = scope.trace(node, MAX_STEPS) if scope else None
        if hit is not None and hit.path is not None and len(values) < MAX_TOUCHED:
            values.setdefault(hit.path or ROOT, hit.value)
    whole = {path for path in values for other in values if other != path and _holds(path, other)}
    return {path: value for path, value in values.items() if path not in whole}


def _holds(path: str, other: str) -> bool:
    """Whether `other` is a part of what is at `path`."""
    return path == ROOT or (other.startswith(path) and other[len(path) :].startswith((".", "[")))


def child(path: str, key: object) -> str:
    """The path of a part: `a.b`, `a[0]`, `a["odd key"]`."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    word = str(key)
    if not word.isidentifier():
        return f'{path}["{word}"]'
    return f"{path}.{word}" if path else word


def parts(value: Any) -> Iterator[tuple[object, Any]]:
    """The parts of a dict, list, tuple, model or dataclass with their keys; nothing of anything else."""
    if isinstance(value, dict):
        yield from cast(dict[Any, Any], value).items()
    elif isinstance(value, list | tuple):
        yield from enumerate(cast(list[Any], value))
    elif _fields(value) is not None:
        yield from (_fields(value) or {}).items()


def _fields(value: Any) -> dict[str, Any] | None:
    if isinstance(value, BaseModel):
        return value.__dict__ | (value.__pydantic_extra__ or {})
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return cast(dict[str, Any], getattr(value, "__dict__", {}))
    return None


def _is_container(value: Any) -> bool:
    return isinstance(value, dict | list | tuple) or _fields(value) is not None


def _index(item: Any) -> dict[int, str]:
    """Paths of the input's containers by identity; one that stands twice has its first path."""
    paths: dict[int, str] = {}
    todo: list[tuple[str, Any]] = [("", item)]
    for path, value in todo:
        if not _is_container(value) or id(value) in paths or len(todo) > MAX_NODES:
            continue
        paths[id(value)] = path
        todo.extend((child(path, key), part) for key, part in parts(value) if _is_container(part))
    return paths


@lru_cache(maxsize=8)
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


class _Scope:
    """One call: its names, its syntax, and the call that led to it."""

    def __init__(self, call: Call, outer: _Scope | None, index: dict[int, str], value: Any) -> None:
        self.call, self.outer, self.index, self.given = call, outer, index, value
        self.code = call.frame.f_code
        self.locals: dict[str, Any] = call.frame.f_locals
        lines = linecache.getlines(self.code.co_filename, call.frame.f_globals)
        self.tree = _tree("".join(lines)) if 0 < len(lines) <= MAX_SOURCE_LINES else None
        self.body = self._body()

    def _body(self) -> list[ast.AST]:
        """The function around the line, or the whole module."""
        if self.tree is None:
            return []
        functions = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno <= self.call.line <= (node.end_lineno or node.lineno)
        ]
        return list(ast.walk(max(functions, key=lambda node: node.lineno))) if functions else list(ast.walk(self.tree))

    def _position(self) -> tuple[int | None, ...]:
        for number, position in enumerate(self.code.co_positions()):
            if number == self.call.instruction // 2:
                return position
        return (None, None, None, None)

    def reads(self) -> list[ast.expr]:
        """What the failing statement reads, the failing expression's own first; each chain as a whole."""
        statement = self._statement()
        if statement is None:
            return []
        exact = self.exact()
        rows = ([exact] if exact is not None else []) + _headers(statement)
        return [chain for row in rows for chain in _chains(row)]

    def _statement(self) -> ast.stmt | None:
        around = [
            node
            for node in self.body
            if isinstance(node, ast.stmt)
            and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.lineno <= self.call.line <= (node.end_lineno or node.lineno)
        ]
        return max(around, key=lambda node: (node.lineno, -(node.end_lineno or 0)), default=None)

    def exact(self) -> ast.expr | None:
        """The expression whose instruction failed, where the code says so."""
        line, end_line, column, end_column = self._position()
        wanted = (line, end_line, column, end_column)
        for node in self.body:
            if isinstance(node, ast.expr) and wanted == (
                node.lineno,
                node.end_lineno,
                node.col_offset,
                node.end_col_offset,
            ):
                return node
        return None

    def trace(self, node: ast.expr | None, left: int) -> Found | None:
        """Follow an expression to the input; None where it can't be followed."""
        if left <= 0:
            return None
        match node:
            case ast.Name(id=name):
                return self._name(name, left - 1)
            case ast.Attribute(value=base, attr=name):
                return self._step(self.trace(base, left - 1), name, _attribute)
            case ast.Subscript(value=base, slice=key):
                return self._step(self.trace(base, left - 1), self._key(key), _item)
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *_]):
                return self._step(self.trace(base, left - 1), self._key(key), _item)
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _VIEWS:
                return self.trace(base, left - 1)
            case ast.Call(func=ast.Name(id="enumerate" | "sorted" | "list" | "reversed" | "iter"), args=[base, *_]):
                return self.trace(base, left - 1)
            case ast.Await(value=base) | ast.NamedExpr(value=base):
                return self.trace(base, left - 1)
            case ast.BoolOp(values=[base, *_]):
                return self.trace(base, left - 1)
            case _:
                return None

    def _step(self, base: Found | None, key: object, take: Any) -> Found | None:
        """One part further; where there is none, what was reached so far."""
        if base is None or base.path is None or base.value is MISSING or key is _UNKNOWN:
            return base
        value = take(base.value, key)
        if value is _UNKNOWN:
            return base
        return Found(child(base.path, key), value)

    def _key(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=str() | int() as key):
                return key
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as key)):
                return -key
            case ast.Name(id=name):
                value = self._lookup(name)
                return value if isinstance(value, str | int) else _UNKNOWN
            case _:
                return _UNKNOWN

    def _lookup(self, name: str) -> Any:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.locals:
                return scope.locals[name]
            scope = scope.outer if scope.code.co_name in _DEFERRED else None
        return _UNKNOWN

    def _name(self, name: str, left: int) -> Found | None:
        if name not in self.locals:
            inside = self.outer is not None and self.code.co_name in _DEFERRED
            return self.outer.trace(ast.Name(id=name), left) if inside and self.outer else None
        value = self.locals[name]
        if _is_container(value):
            return Found(self.index[id(value)], value) if id(value) in self.index else None
        return self._assigned(name, value, left) or self._argument(name, value, left)

    def _assigned(self, name: str, value: Any, left: int) -> Found | None:
        """Where the name got its scalar from: the last assignment before the line, or the loop around it."""
        best: tuple[int, ast.expr, bool] | None = None
        for node in self.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=current)], value=source) if current == name:
                    row = (node.lineno, source, False)
                case ast.AnnAssign(target=ast.Name(id=current), value=ast.expr() as source) if current == name:
                    row = (node.lineno, source, False)
                case ast.NamedExpr(target=ast.Name(id=current), value=source) if current == name:
                    row = (node.lineno, source, False)
                case ast.For(target=target, iter=source) | ast.AsyncFor(target=target, iter=source):
                    row = (node.lineno, source, True) if _binds(target, name) else None
                case ast.comprehension(target=target, iter=source):
                    row = (source.lineno, source, True) if _binds(target, name) else None
                case _:
                    row = None
            if row is not None and row[0] <= self.call.line and (best is None or row[0] >= best[0]):
                best = row
        if best is None:
            return None
        scope = self.outer if best[2] and self.code.co_name in _DEFERRED and self.outer else self
        current = scope.trace(best[1], left)
        if current is None or not best[2]:
            return current if current is None or current.value is value else None
        return _element(current, value)

    def _argument(self, name: str, value: Any, left: int) -> Found | None:
        """What the caller passed for a parameter; the step's own first one is the input."""
        names = self.code.co_varnames[: self.code.co_argcount + self.code.co_kwonlyargcount]
        if name not in names:
            return None
        if self.outer is None:
            return Found("", value) if name == names[0] and value is self.given else None
        match self.outer.exact():
            case ast.Call(args=arguments, keywords=words):
                word = next((row.value for row in words if row.arg == name), None)
                at = names.index(name) - (1 if names[:1] in (("self",), ("cls",)) else 0)
                source = word or (arguments[at] if 0 <= at < len(arguments) else None)
                current = self.outer.trace(source, left)
                return current if current is not None and current.value is value else None
            case _:
                return None


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def _element(current: Found, value: Any) -> Found | None:
    """The part of a container that a loop's name holds."""
    if current.path is None:
        return None
    for key, part in parts(current.value):
        if part is value:
            return Found(child(current.path, key), part)
    return None


def _attribute(value: Any, name: object) -> Any:
    fields = _fields(value)
    return _UNKNOWN if fields is None else fields.get(str(name), _UNKNOWN)


def _item(value: Any, key: object) -> Any:
    if isinstance(value, dict):
        return cast(dict[Any, Any], value).get(key, MISSING)
    if isinstance(value, list | tuple) and isinstance(key, int):
        rows = cast(list[Any], value)
        return rows[key] if -len(rows) <= key < len(rows) else MISSING
    return _UNKNOWN


def _headers(statement: ast.stmt) -> list[ast.expr]:
    """The expressions of a statement itself, without the statements inside it."""
    values: list[ast.expr] = []
    for _, value in ast.iter_fields(statement):
        rows: list[Any] = cast(list[Any], value) if isinstance(value, list) else [value]
        values.extend(row for row in rows if isinstance(row, ast.expr))
        values.extend(row.context_expr for row in rows if isinstance(row, ast.withitem))
        if isinstance(statement, ast.Match) and isinstance(value, ast.expr):
            break
    return values


def _chains(node: ast.AST) -> Iterator[ast.expr]:
    """The longest chains of names, attributes, subscripts and `.get` below a node, outermost first."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        yield node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node if node.func.attr == "get" else node.func
        for part in (*node.args, *(word.value for word in node.keywords)):
            yield from _chains(part)
        yield from _inner(node.func.value)
        return
    else:
        for part in ast.iter_child_nodes(node):
            yield from _chains(part)
        return
    yield from _inner(node)


def _inner(node: ast.AST) -> Iterator[ast.expr]:
    """What a chain itself computes: keys in brackets, arguments, and a base that is no chain."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
            yield from _chains(node.slice)
        node = node.value
    if not isinstance(node, ast.Name):
        yield from _chains(node)
