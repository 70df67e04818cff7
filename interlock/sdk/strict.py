"""Between JSON and a step's types: what JSON can't hold exactly is refused, never changed in silence."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from interlock.contract.core.base import Json
from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.core.limits import LAMBDA_PAYLOAD_BYTES
from interlock.contract.core.validation import describe

MAX_DEPTH = 200
MAX_SHOWN = 10


def dumps(value: Json) -> str:
    """The text that Lambda's runtime makes of an answer.

    Raises:
        ValueError: NaN, Infinity, a cycle, or text that UTF-8 can't hold.
        TypeError: JSON can't hold it.
    """
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    if not text.isascii():
        text.encode()
    return text


def parse_input(adapter: TypeAdapter[Any], value: Json) -> Any:
    """Validate a step's input into its annotated type.

    Raises:
        GateFailure: `Interlock.BadInput`, with each place and reason, without the values.
    """
    try:
        return adapter.validate_json(json.dumps(value))
    except ValidationError as error:
        rows = error.errors(include_url=False, include_input=False)
        shown = "; ".join(f"{_path(row['loc'])}: {describe(row, 'the value')}" for row in rows[:MAX_SHOWN])
        more = f"; and {len(rows) - MAX_SHOWN} more" if len(rows) > MAX_SHOWN else ""
        raise GateFailure(
            GateError.BAD_INPUT,
            f"the input does not have the type that the step declares: {shown}{more}",
            where="input",
            next_step="Change the state's Parameters or Arguments, or the step's annotation.",
        ) from None


def _path(parts: tuple[int | str, ...]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def to_json(adapter: TypeAdapter[Any], value: Any) -> Json:
    """Turn a step's result into JSON, strictly.

    Raises:
        GateFailure: `Interlock.BadOutput`: NaN, Infinity, a value of another type than annotated, an object that
            JSON can't hold, or more than 6 MB.
    """
    try:
        _refuse_lossy(value, "$", 0)
        # The NaN of a model's field shows in Python mode only: in JSON mode pydantic may write it as null.
        _refuse_infinite(adapter.dump_python(value, mode="python", warnings="error"), "$")
        result = adapter.dump_python(value, mode="json", warnings="error")
        _refuse_lossy(result, "$", 0)
        size = len(dumps(result).encode())
    except (PydanticSerializationError, PydanticSchemaGenerationError, ValueError, TypeError, RecursionError) as error:
        raise bad_output(_reason(adapter, value, error)) from None
    if size > LAMBDA_PAYLOAD_BYTES:
        raise bad_output(f"it is {size} bytes of JSON, and a step may answer {LAMBDA_PAYLOAD_BYTES}")
    return result


def _reason(adapter: TypeAdapter[Any], value: Any, error: Exception) -> str:
    """Why a result was refused: the field and its type where they can be named."""
    if isinstance(error, PydanticSerializationError):
        # Only a result that is refused pays for the import.
        from interlock.sdk.misfit import misfit

        return misfit(adapter, value)
    if isinstance(error, PydanticSchemaGenerationError):
        return unknown_type(error)
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def unknown_type(error: PydanticSchemaGenerationError) -> str:
    """Which type of an annotation can't be validated, and what to use."""
    kind = re.search(r"for (?P<kind><.+?>|\S+?)\.? ", str(error))
    name = kind["kind"] if kind else "one of its types"
    return f"the annotation has a type that can't be validated ({name}): use a model, a dataclass or a type of JSON"


def bad_output(reason: str) -> GateFailure:
    """The error of a result that can't be an answer."""
    return GateFailure(
        GateError.BAD_OUTPUT,
        f"the step's result can't be its output: {reason}",
        where="output",
        next_step="Return JSON: null, booleans, finite numbers, text, lists, and objects whose keys are text.",
    )


def _refuse_lossy(value: Any, path: str, depth: int) -> None:
    """Refuse what would be changed or lost on the way; models, dataclasses and scalars are left to pydantic."""
    if depth > MAX_DEPTH:
        raise ValueError(f"{path[:80]}… is nested more than {MAX_DEPTH} deep")
    _refuse_infinite(value, path, deep=False)
    if isinstance(value, set | frozenset | bytes | bytearray | memoryview | complex):
        raise TypeError(f"{path} is {type(cast(object, value)).__name__}, which JSON can't hold")
    if isinstance(value, Mapping):
        for key, row in cast(Mapping[Any, Any], value).items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has the key {key!r}, which is not text")
            _refuse_lossy(row, f"{path}.{key}", depth + 1)
    elif isinstance(value, list | tuple):
        for index, row in enumerate(cast(list[Any], value)):
            _refuse_lossy(row, f"{path}[{index}]", depth + 1)


def _refuse_infinite(value: Any, path: str, *, deep: bool = True) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path} is {value}, which JSON can't hold")
    if deep and isinstance(value, Mapping):
        for key, row in cast(Mapping[Any, Any], value).items():
            _refuse_infinite(row, f"{path}.{key}")
    elif deep and isinstance(value, list | tuple | set | frozenset):
        for index, row in enumerate(cast(list[Any], value)):
            _refuse_infinite(row, f"{path}[{index}]")
