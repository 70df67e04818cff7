"""An exception as data: the name that Retry and Catch match, frames of the publisher's code, redacted locals."""

import itertools
import linecache
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast

from pydantic import PydanticSchemaGenerationError, SecretBytes, SecretStr, ValidationError

from interlock.contract.core.failure import (
    Failure,
    Forbidden,
    GateError,
    PermanentError,
    RetryableError,
    StepFailure,
    Throttled,
    TooLarge,
    Unavailable,
)
from interlock.contract.core.validation import describe as sentence
from interlock.contract.envelope import MAX_CAUSES, CausedBy, Frame, StepError
from interlock.contract.own_code import is_own_code
from interlock.contract.sensitive import named_fields
from interlock.sdk.chain import ASIDE, Link, Row, calls_to_root, chain, path_to_root, rows_of
from interlock.sdk.redact import PLACEHOLDER, Redactor, secret_name
from interlock.sdk.strict import unknown_type

MAX_FRAMES = 30
MAX_LOCALS = 20
MAX_LOCAL_CHARS = 200
MAX_MESSAGE_CHARS = 4_000
MAX_CAUSE_CHARS = 1_000
"""Of the message of each further error of a chain."""
MAX_TEXT_CHARS = 100_000
MAX_DEPTH = 4
SOURCE_LINES = 5

_WORDS = re.compile(r"[\w -]+")
_RENAMED: tuple[tuple[type[Failure], GateError], ...] = (
    (Forbidden, GateError.DENIED),
    (Unavailable, GateError.UNAVAILABLE),
    (TooLarge, GateError.TOO_LARGE),
)


def describe(error: BaseException, redactor: Redactor, arguments: Sequence[Any] = ()) -> StepError:
    """What went wrong, without secrets; never raises for an odd exception.

    Args:
        error: what was raised.
        redactor: knows the secrets.
        arguments: the step's parsed input, if it takes one and got that far.
    """
    return StepError(
        name=redactor.text(_name(error))[:200],
        type=type(error).__qualname__,
        message=redactor.text(_message(error))[:MAX_MESSAGE_CHARS],
        retryable=_retryable(error),
        frames=_frames(error, redactor, arguments),
        causes=_causes(error, redactor),
    )


def _name(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return GateError.STEP_EXIT.value
    if isinstance(error, StepFailure):
        return error.name
    for kind, name in _RENAMED:
        if isinstance(error, kind):
            return name.value
    return type(error).__name__


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the step called for the end of its process with {_safely(error.code)}"
    if isinstance(error, ValidationError):
        rows = error.errors(include_url=False, include_input=False)
        parts = (sentence(row, ".".join(map(str, row["loc"])) or "the value") for row in rows[:MAX_LOCALS])
        return f"a value is not a valid {error.title}: " + "; ".join(parts)
    if isinstance(error, PydanticSchemaGenerationError):
        return unknown_type(error)
    if isinstance(error, Failure):
        return " ".join(part for part in (error.what, error.next_step) if part)
    try:
        is_group = isinstance(error, BaseExceptionGroup)
        inner = path_to_root(error)[-1].error
        return f"{error}, first {_name(inner)}: {_message(inner)}" if is_group else str(error)
    except Exception as other:
        return f"(its text can't be made: {type(other).__name__})"


def _retryable(error: BaseException) -> bool | None:
    if isinstance(error, RetryableError | Throttled | Unavailable):
        return True
    return False if isinstance(error, PermanentError) else None


def own_code() -> Callable[[str], bool]:
    """Whether a file is the app's own, in this process: the bundle's folder is that of Lambda where there is one."""
    root = os.environ.get("LAMBDA_TASK_ROOT", "")
    return partial(is_own_code, root=root) if root else is_own_code


def _frames(error: BaseException, redactor: Redactor, arguments: Sequence[Any]) -> tuple[Frame, ...]:
    is_own = own_code()
    own = [row for row in calls_to_root(error, is_own) if is_own(_file(row.frame))]
    frames = [_frame(row.frame, row.line, redactor) for row in own[-MAX_FRAMES:]]
    if own and arguments:
        frames[-1] = frames[-1].model_copy(update={"touched": _touched(own, arguments[0], redactor)})
    syntax = _syntax_frame(error, redactor)
    return (*frames, syntax) if syntax else tuple(frames)


def _syntax_frame(error: BaseException, redactor: Redactor) -> Frame | None:
    """The place of a syntax error in the app's own code: no frame of it ran."""
    root = path_to_root(error)[-1].error
    if not isinstance(root, SyntaxError) or not root.filename or not root.lineno or not own_code()(root.filename):
        return None
    start, source = _source(root.filename, root.lineno, None, redactor)
    name = _shown_file(root.filename)
    return Frame(file=name, line=root.lineno, function="<module>", source=source, source_start=start)


def _causes(error: BaseException, redactor: Redactor) -> tuple[CausedBy, ...]:
    """The chain as data; of one that is too long, the first errors and the root cause."""
    links = chain(error)
    if len(links) == 1:
        return ()
    if len(links) > MAX_CAUSES:
        root = next(link for link in reversed(links) if link.how not in ASIDE)
        links = [*(link for link in links if link is not root)][: MAX_CAUSES - 1] + [root]
    return tuple(_caused_by(link, redactor) for link in links)


def _caused_by(link: Link, redactor: Redactor) -> CausedBy:
    is_own = own_code()
    message = "" if link.how == "raised" else redactor.text(_message(link.error))[:MAX_CAUSE_CHARS]
    caused_by = CausedBy(how=link.how, name=redactor.text(_name(link.error))[:200], message=message)
    rows = [row for row in rows_of(link.error.__traceback__) if is_own(_file(row.frame))]
    if not rows:
        return caused_by
    frame, line, _ = rows[-1]
    place = {"file": _shown_file(_file(frame)), "line": line, "function": frame.f_code.co_qualname}
    return caused_by.model_copy(update=place)


def _touched(rows: Sequence[Row], value: Any, redactor: Redactor) -> dict[str, str]:
    """What the failing line reads of the input; nothing where that can't be found out."""
    # Only a failed step pays for the import of `ast`.
    from interlock.sdk.touched import Call, touched

    try:
        values = touched([Call(*row) for row in rows[-MAX_FRAMES:]], value)
        return {
            redactor.text(path)[:MAX_LOCAL_CHARS]: _touched_value(path, row, redactor) for path, row in values.items()
        }
    except Exception:
        return {}


def _touched_value(path: str, value: Any, redactor: Redactor) -> str:
    hidden = isinstance(value, SecretStr | SecretBytes) or any(secret_name(word) for word in _WORDS.findall(path))
    return PLACEHOLDER if hidden else _local(value, redactor)


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


def _shown_file(name: str) -> str:
    """The path inside the bundle where it is one."""
    for root in (os.environ.get("LAMBDA_TASK_ROOT", ""), str(Path.cwd())):
        if root and name.startswith(root.rstrip(os.sep) + os.sep):
            return name[len(root.rstrip(os.sep)) + 1 :]
    return name


def _frame(frame: FrameType, line: int, redactor: Redactor) -> Frame:
    start, source = _source(_file(frame), line, frame.f_globals, redactor)
    return Frame(
        file=_shown_file(_file(frame)),
        line=line,
        function=frame.f_code.co_qualname,
        source=source,
        source_start=start,
        locals=_locals(frame.f_locals, redactor),
    )


def _source(file: str, line: int, names: dict[str, Any] | None, redactor: Redactor) -> tuple[int, tuple[str, ...]]:
    """The number of the first line that is shown, and the lines around `line`."""
    start = max(1, line - SOURCE_LINES // 2)
    lines = [linecache.getline(file, number, names).rstrip("\n") for number in range(start, start + SOURCE_LINES)]
    while lines and not lines[-1]:
        lines.pop()
    return start, tuple(redactor.text(text[:MAX_LOCAL_CHARS]) for text in lines)


def _locals(values: dict[str, Any], redactor: Redactor) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, value in list(values.items())[:MAX_LOCALS]:
        hidden = secret_name(name) or isinstance(value, SecretStr | SecretBytes)
        shown[name] = PLACEHOLDER if hidden else _local(value, redactor)
    return shown


def _local(value: Any, redactor: Redactor) -> str:
    """The value's repr: redacted whole and then cut, so that no half of a secret survives the cut."""
    text = redactor.text(_safely(_limited(value, redactor, 0)))
    return text if len(text) <= MAX_LOCAL_CHARS else text[: MAX_LOCAL_CHARS - 1] + "…"


def _limited(value: Any, redactor: Redactor, depth: int) -> Any:
    """The first items of containers only, and no field whose name says secret."""
    if depth > MAX_DEPTH:
        return "…"
    fields = named_fields(value)
    if fields is not value:
        return {type(value).__name__: _limited(fields, redactor, depth)}
    if isinstance(value, dict):
        rows = itertools.islice(cast(dict[Any, Any], value).items(), MAX_LOCALS)
        return {key: PLACEHOLDER if secret_name(str(key)) else _limited(row, redactor, depth + 1) for key, row in rows}
    if isinstance(value, list | tuple):
        return [_limited(row, redactor, depth + 1) for row in cast(list[Any], value)[:MAX_LOCALS]]
    return redactor.text(value[:MAX_TEXT_CHARS]) if isinstance(value, str) else value


def _safely(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
