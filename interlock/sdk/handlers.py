"""Whether code that handles an error expects it, and goes another way; imported only for an error with a context."""

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
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return False
    around = [node for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and _holds(node, line)]
    if not around:
        return False
    handler = max(around, key=lambda node: node.lineno)
    raises = any(isinstance(node, ast.Raise) and _holds(node, line) for node in ast.walk(handler))
    return handler.name is None and not raises


def _holds(node: ast.ExceptHandler | ast.Raise, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)
