"""What code does with an error that it handles, by its source; imported only for an error with a context."""

from __future__ import annotations

import ast
import linecache
from types import FrameType


def is_expected(frame: FrameType, line: int) -> bool:
    """Whether an error that was being handled is no cause of the one that was raised meanwhile.

    `except KeyError: value = compute()` goes another way, and what fails in it is a failure of its own. A handler that
    raises, or that names the error it handles (`as error`), is about that error.

    Args:
        frame: the call whose handler it was.
        line: the line at which the handler failed.
    """
    around = [node for node in _nodes(frame) if isinstance(node, ast.ExceptHandler) and _holds(node, line)]
    if not around:
        return False
    handler = max(around, key=lambda node: node.lineno)
    raises = any(isinstance(node, ast.Raise) and _holds(node, line) for node in ast.walk(handler))
    return handler.name is None and not raises


def is_handling(frame: FrameType, line: int) -> bool:
    """Whether a line is in an `except` or a `finally`, where an error may be handled; True if the source is not there.

    Args:
        frame: the call.
        line: the line that it is at.
    """
    nodes = _nodes(frame)
    cleanups = [row for node in nodes if isinstance(node, ast.Try | ast.TryStar) for row in node.finalbody]
    handlers = [node for node in nodes if isinstance(node, ast.ExceptHandler)]
    return not nodes or any(_holds(node, line) for node in (*handlers, *cleanups))


def _nodes(frame: FrameType) -> list[ast.AST]:
    """The syntax of the file of a call; empty where it can't be read."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        return list(ast.walk(ast.parse("".join(lines)))) if lines else []
    except (SyntaxError, ValueError, RecursionError):
        return []


def _holds(node: ast.ExceptHandler | ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
