"""Which fields of a step's types are sensitive: `SecretStr`, `SecretBytes`, and what `Sensitive()` marks.

Read from annotations once a step, as JSON pointers in which `*` is any position or key.
"""

import dataclasses
import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, cast

from pydantic import AliasChoices, BaseModel, Secret, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

MAX_DEPTH = 12
MAX_POINTERS = 200
SAME = 2
"""A type that holds itself is followed so often: a tree's deeper fields are found by their values."""


_AS_ITS_ARGUMENTS = (typing.Union, types.UnionType, typing.Required, typing.NotRequired)


class Sensitive:
    """Marks a field that must not leave: `ssn: Annotated[str, Sensitive()]`.

    It shows in the step and in the tenant's own record of the run; in logs, local variables of errors, effects and
    exports there is a placeholder.
    """


def sensitive_pointers(annotation: Any) -> tuple[str, ...]:
    """JSON pointers of the sensitive fields of a type; empty for one that has none, or that is not understood."""
    values: dict[str, None] = {}
    for pointer in _walk(annotation, "", ()):
        values[pointer] = None
        if len(values) >= MAX_POINTERS:
            break
    return tuple(values)


def _walk(annotation: Any, path: str, within: tuple[Any, ...]) -> Iterator[str]:
    if len(within) > MAX_DEPTH or within.count(annotation) > SAME:
        return
    within = (*within, annotation)
    if _is_secret(annotation):
        yield path
        return
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        if any(_is_mark(mark) for mark in arguments[1:]):
            yield path
        else:
            yield from _walk(arguments[0], path, within)
    elif hasattr(annotation, "__value__"):
        # `type X = …` (PEP 695)
        yield from _walk(annotation.__value__, path, within)
    elif origin in _AS_ITS_ARGUMENTS:
        for argument in arguments:
            yield from _walk(argument, path, within)
    elif origin is tuple and arguments[-1:] != (...,):
        for position, argument in enumerate(arguments):
            yield from _walk(argument, f"{path}/{position}", within)
    elif arguments and isinstance(origin, type) and not issubclass(origin, BaseModel):
        for argument in arguments[-1:] if arguments[-1] is not ... else arguments[:1]:
            yield from _walk(argument, f"{path}/*", within)
    else:
        yield from _fields(annotation if isinstance(annotation, type) else origin, path, within)


def _fields(model: Any, path: str, within: tuple[Any, ...]) -> Iterator[str]:
    if not isinstance(model, type):
        return
    if issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            for key in _keys(name, field):
                if any(_is_mark(mark) for mark in field.metadata):
                    yield f"{path}/{_escaped(key)}"
                else:
                    yield from _walk(field.annotation, f"{path}/{_escaped(key)}", within)
        return
    kind = cast(type[Any], model)
    if dataclasses.is_dataclass(kind) or typing.is_typeddict(kind):
        for name, hint in _hints(kind).items():
            yield from _walk(hint, f"{path}/{_escaped(name)}", within)


def _keys(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The names that a field may have in JSON."""
    fields = {name: None}
    for alias in (field.alias, field.validation_alias, field.serialization_alias):
        for word in alias.choices if isinstance(alias, AliasChoices) else (alias,):
            if isinstance(word, str):
                fields[word] = None
    return tuple(fields)


def _hints(kind: type[Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError):
        return {}


def _is_mark(mark: Any) -> bool:
    return mark is Sensitive or isinstance(mark, Sensitive)


def _is_secret(annotation: Any) -> bool:
    kind = typing.get_origin(annotation) or annotation
    return isinstance(kind, type) and issubclass(kind, SecretStr | SecretBytes | Secret)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
