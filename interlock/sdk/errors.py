"""An exception as data: the name that Retry and Catch match, frames of the publisher's code, redacted locals."""

import itertools
import linecache
import os
import re
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, cast

import pydantic
from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

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
from interlock.contract.envelope import Frame, StepError
from interlock.sdk.redact import PLACEHOLDER, Redactor, secret_name

MAX_FRAMES = 30
MAX_LOCALS = 20
MAX_LOCAL_CHARS = 200
MAX_MESSAGE_CHARS = 4_000
MAX_TEXT_CHARS = 100_000
MAX_DEPTH = 4
SOURCE_LINES = 5

_WORDS = re.compile(r"[\w -]+")
_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep
_LIBRARIES = tuple(
    {str(Path(sysconfig.get_path(name)).resolve()) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    | {"/opt/python/", "<frozen", str(Path(pydantic.__file__).resolve().parents[1]) + os.sep}
)
"""Where libraries lie; what the SDK needs lies in a layer, which the platform on this machine unpacks elsewhere."""
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
        frames=_frames(_rows(error), redactor, arguments),
    )


def members(error: BaseException) -> list[BaseException]:
    """The error; for a group, such as what asyncio.TaskGroup raises, then its first member, and so on inwards."""
    exceptions = [error]
    while isinstance(error, BaseExceptionGroup):
        error = cast(BaseExceptionGroup[BaseException], error).exceptions[0]
        exceptions.append(error)
    return exceptions


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
        rows = error.errors(include_url=False, include_input=False, include_context=False)
        parts = (f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in rows[:MAX_LOCALS])
        return f"{len(rows)} validation errors for {error.title}: " + "; ".join(parts)
    if isinstance(error, Failure):
        return " ".join(part for part in (error.what, error.next_step) if part)
    try:
        inner = members(error)[-1]
        return str(error) if inner is error else f"{error}, first {_name(inner)}: {_message(inner)}"
    except Exception as other:
        return f"(its text can't be made: {type(other).__name__})"


def _retryable(error: BaseException) -> bool | None:
    if isinstance(error, RetryableError | Throttled | Unavailable):
        return True
    return False if isinstance(error, PermanentError) else None


def _rows(error: BaseException) -> list[tuple[FrameType, int, int]]:
    """The calls that led to an error, and for a group on to its first member."""
    rows: list[tuple[FrameType, int, int]] = []
    for member in members(error):
        traceback = member.__traceback__
        while traceback is not None:
            rows.append((traceback.tb_frame, traceback.tb_lineno, traceback.tb_lasti))
            traceback = traceback.tb_next
    return rows


def _frames(rows: list[tuple[FrameType, int, int]], redactor: Redactor, arguments: Sequence[Any]) -> tuple[Frame, ...]:
    rows = [row for row in rows if not _file(row[0]).startswith(_PACKAGE)]
    libraries = (*_LIBRARIES, str(Path(os.environ.get("LAMBDA_TASK_ROOT", os.sep), "vendor")) + os.sep)
    own = [row for row in rows if not _file(row[0]).startswith(libraries)]
    # An error inside a library with no frame of the publisher's (an import, say) is better shown there than nowhere.
    frames = [_frame(frame, line, redactor) for frame, line, _ in (own or rows)[-MAX_FRAMES:]]
    if own and arguments:
        frames[-1] = frames[-1].model_copy(update={"touched": _touched(own, arguments[0], redactor)})
    return tuple(frames)


def _touched(rows: list[tuple[FrameType, int, int]], value: Any, redactor: Redactor) -> dict[str, str]:
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
    name = _file(frame)
    start = max(1, line - SOURCE_LINES // 2)
    lines = [
        linecache.getline(name, number, frame.f_globals).rstrip("\n") for number in range(start, start + SOURCE_LINES)
    ]
    while lines and not lines[-1]:
        lines.pop()
    return Frame(
        file=_shown_file(name),
        line=line,
        function=frame.f_code.co_qualname,
        source=tuple(redactor.text(text[:MAX_LOCAL_CHARS]) for text in lines),
        source_start=start,
        locals=_locals(frame.f_locals, redactor),
    )


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
    if isinstance(value, BaseModel):
        return {type(value).__name__: _limited(value.__dict__, redactor, depth)}
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
