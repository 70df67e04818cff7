"""The chain of an exception: what it was raised from, down to its root cause.

Nothing of the publisher's is called: attributes are read from the exception's own dictionary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any, Literal, NamedTuple, cast

MAX_LINKS = 100
"""A longer chain is followed no further."""
How = Literal["raised", "cause", "context", "member", "wrapped", "beside", "hidden", "expected", "later"]
ASIDE: frozenset[How] = frozenset({"beside", "hidden", "expected", "later"})
"""What is never the root cause."""
"""How an error belongs to the one before it in a chain; `interlock.contract.envelope.CausedBy` describes each."""
_WRAPPED = (
    "last_exception",
    "last_error",
    "last_exc",
    "original_exception",
    "original_error",
    "original",
    "orig",
    "inner_exception",
    "inner",
    "exception",
    "reason",
    "error",
    "cause",
)
"""Attributes in which an error keeps the one that it stands for."""


class Link(NamedTuple):
    """One error of a chain, and how it belongs to the one before it."""

    how: How
    error: BaseException


class Row(NamedTuple):
    """One frame of a traceback: the frame, its line and its last instruction."""

    frame: FrameType
    line: int
    instruction: int


def path_to_root(error: BaseException) -> list[Link]:
    """The error, then what it came from, and so on to the root cause; of a group, its first member.

    In this order: a group's member, `raise … from`, an error that a wrapper such as a RetryError holds, and the error
    that was being handled; but what was raised comes before what was not. `raise … from None` ends the chain, and so
    does an error that the code expects, and one that came later: an error that was caught before it is raised again.
    """
    links = [Link("raised", error)]
    seen = {id(error)}
    while len(links) < MAX_LINKS:
        following = _next(links[-1].error)
        if following is None or id(following.error) in seen:
            break
        seen.add(id(following.error))
        links.append(following)
    return links


def chain(error: BaseException) -> list[Link]:
    """The path to the root cause; after each error, what is beside it, hidden by `from None`, expected, or later."""
    links: list[Link] = []
    for link in path_to_root(error):
        links.append(link)
        path = {id(row.error) for row in path_to_root(link.error)}
        others = [other for other in _members(link.error) if id(other) not in path]
        links.extend(Link("beside", path_to_root(other)[-1].error) for other in others)
        context = link.error.__context__
        if context is not None and id(context) not in path:
            how: How = "later" if _came_later(link.error) else "expected"
            how = "hidden" if link.error.__suppress_context__ else how
            links.extend([Link(how, context)] if link.error.__cause__ is None and not others else [])
    return links


def rows_of(traceback: TracebackType | None) -> list[Row]:
    """The frames of a traceback, innermost last."""
    rows: list[Row] = []
    while traceback is not None:
        rows.append(Row(traceback.tb_frame, traceback.tb_lineno, traceback.tb_lasti))
        traceback = traceback.tb_next
    return rows


def calls_to_root(error: BaseException, is_own: Callable[[str], bool]) -> list[Row]:
    """The calls that led to the root cause, innermost last.

    An error of the chain whose traceback has no own code adds nothing: the line that called the library counts.

    Args:
        error: what was raised.
        is_own: whether a file is the app's own code.
    """
    rows: list[Row] = []
    for link in path_to_root(error):
        inner = rows_of(link.error.__traceback__)
        if rows and not any(is_own(row.frame.f_code.co_filename) for row in inner):
            continue
        at = next((at for at, row in enumerate(rows) if inner and row.frame is inner[0].frame), len(rows))
        rows = [*rows[:at], *inner]
    return rows


def _next(error: BaseException) -> Link | None:
    links = [Link("member", member) for member in _members(error)]
    if error.__cause__ is not None:
        links.append(Link("cause", error.__cause__))
    links.extend(Link("wrapped", wrapped) for wrapped in _wrapped(error))
    context = None if error.__suppress_context__ else error.__context__
    if context is not None and not _expects(error, context) and not _came_later(error):
        links.append(Link("context", context))
    return next((link for link in links if _was_raised(link.error)), next(iter(links), None))


def _was_raised(error: BaseException) -> bool:
    """Whether the error, or a member of its group, was raised and not only made."""
    return any(one.__traceback__ is not None for one in (error, *_members(error), error.__cause__) if one is not None)


def _expects(error: BaseException, context: BaseException) -> bool:
    """Whether the handler in which an error was raised expects the error that it handles."""
    inner = rows_of(context.__traceback__)
    caught = next((row for row in rows_of(error.__traceback__) if inner and row.frame is inner[0].frame), None)
    if caught is None:
        return False
    from interlock.sdk.handlers import is_expected

    return is_expected(caught.frame, caught.line)


def _came_later(error: BaseException) -> bool:
    """Whether the context of an error is younger: the error had been caught, and was raised again while another failed.

    A call is in a traceback a second time where it raised again what it had caught; the second row is the first time.
    """
    rows = rows_of(error.__traceback__)
    frames = [row.frame for row in rows]
    first = next((row for at, row in enumerate(rows) if row.frame in frames[:at]), None)
    if first is None:
        return False
    from interlock.sdk.handlers import is_handling

    return not is_handling(first.frame, first.line)


def _members(error: BaseException) -> list[BaseException]:
    """The errors that an error puts together: those of a group, or a list of errors that it holds."""
    if isinstance(error, BaseExceptionGroup):
        return list(cast(BaseExceptionGroup[BaseException], error).exceptions)
    if error.__cause__ is not None:
        return []
    fields = _fields(error)
    for name in ("exceptions", "errors"):
        rows: Any = fields.get(name)
        values = cast(list[Any], rows) if isinstance(rows, list | tuple) else []
        if values and all(isinstance(value, BaseException) for value in values):
            return list(values)
    return []


def _wrapped(error: BaseException) -> Iterator[BaseException]:
    """Errors that an error holds: in its last attempt (tenacity, retrying), an attribute, or its arguments."""
    fields = _fields(error)
    for holder in (fields.get("last_attempt"), *error.args):
        yield from _of_attempt(holder)
    for value in (*(fields.get(name) for name in _WRAPPED), *error.args):
        if isinstance(value, BaseException):
            yield value


def _of_attempt(holder: Any) -> Iterator[BaseException]:
    """The error of a future that is done, or of an attempt that holds what `sys.exc_info()` answers."""
    fields = _fields(holder)
    for value in (fields.get("_exception"), *_parts(fields.get("value"))):
        if isinstance(value, BaseException):
            yield value


def _parts(value: Any) -> tuple[Any, ...]:
    return cast(tuple[Any, ...], value) if isinstance(value, tuple) else ()


def _fields(holder: Any) -> dict[str, Any]:
    fields: Any = getattr(holder, "__dict__", None)
    return cast(dict[str, Any], fields) if isinstance(fields, dict) else {}
