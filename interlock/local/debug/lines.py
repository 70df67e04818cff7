"""Lines of publisher code: where a step begins, and what of a traceback is the publisher's own."""

import ast
import dis
import inspect
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from interlock.contract.core.base import Json
from interlock.contract.own_code import is_own_code


def first_line(function: Callable[..., Any]) -> tuple[str, int] | None:
    """File and line of the first statement of a function that runs when it is called; None where it has no code."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return None
    lines = [line for _, line in dis.findlinestarts(code) if (line or 0) > code.co_firstlineno]
    body = _body_line(code.co_filename, code.co_firstlineno)
    return code.co_filename, next((line for line in lines if line >= body), code.co_firstlineno)


def _body_line(file: str, first: int) -> int:
    """The line of the first statement after the docstring, of the function whose `def` or decorator is at `first`."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return first
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and first in _heads(node):
            return _after_docstring(node).lineno
    return first


def _heads(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    return {node.lineno, *(decorator.lineno for decorator in node.decorator_list[:1])}


def _after_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1] if is_docstring and len(node.body) > 1 else first


def step_place(root: Path, handler: str) -> tuple[str, int] | None:
    """File (absolute) and first line of a handler by its syntax alone, without importing it; None where it is not so.

    Args:
        root: the folder of the code.
        handler: `package.module:function`.
    """
    module, _, name = handler.partition(":")
    base = root.joinpath(*module.split("."))
    file = next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)
    if file is None:
        return None
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return str(file), _after_docstring(node).lineno
    return None


def own_traceback(traceback: TracebackType | None, root: str) -> TracebackType | None:
    """The part of a traceback from the publisher's outermost frame to the innermost one; None where there is none.

    What lies below the last own frame is a library's: the failing line of the publisher's is the one that called it.
    """
    rows: list[TracebackType] = []
    while traceback is not None:
        rows.append(traceback)
        traceback = traceback.tb_next
    own = [position for position, row in enumerate(rows) if is_own_code(row.tb_frame.f_code.co_filename, root)]
    if not own:
        return None
    none: TracebackType | None = None
    for row in reversed(rows[own[0] : own[-1] + 1]):
        none = TracebackType(none, row.tb_frame, row.tb_lasti, row.tb_lineno)
    return none


def standing_in(error: BaseException, function: Callable[..., Any] | None, value: Json) -> TracebackType | None:
    """A traceback at the place that an error without a frame of the publisher's is about.

    A syntax error is at its own place; an input that the step does not take is at the step's first line, with the
    input as the step's first argument. The frame is of a function that does nothing but raise the error there, because
    the step's own code was never entered.
    """
    names: list[str] = []
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        place = (error.filename, error.lineno)
        title = "<module>"
    else:
        place = first_line(function) if function is not None else None
        title = function.__name__ if function is not None else ""
        names = list(inspect.signature(function).parameters) if function is not None else []
    if place is None:
        return None
    stub = ast.parse(f"def stub({', '.join(names)}):\n raise interlock_error")
    for node in ast.walk(stub):
        if isinstance(node, ast.stmt | ast.expr | ast.arg):
            node.lineno = node.end_lineno = place[1]
    space: dict[str, Any] = {"interlock_error": error}
    exec(compile(stub, place[0], "exec"), space)
    item = space["stub"]
    item.__code__ = item.__code__.replace(co_name=title, co_qualname=title)
    values = [value, *[None for _ in names[1:]]][: len(names)]
    traceback_type = error.__traceback__
    none: TracebackType | None = None
    error.__traceback__ = None
    try:
        item(*values)
    except BaseException as raised:
        none = raised.__traceback__
    error.__traceback__ = traceback_type
    return none.tb_next if none else None
