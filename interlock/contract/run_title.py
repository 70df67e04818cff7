"""Titles of runs: a text with fields of the run in braces, such as `Crawl {config.database}`, from the manifest.

A template has no expression, so that filling it costs nothing: it names fields of the run's input, of the install's
config, and of the trigger. What a rule of redaction names shows as in every log.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from interlock.contract.core import limits
from interlock.contract.core.base import Json
from interlock.contract.core.suggest import did_you_mean
from interlock.contract.sensitive import PLACEHOLDER, why_sensitive, without_shapes

ROOTS = ("input", "config", "trigger")
"""What the fields of a title begin with."""
_FIELD = re.compile(r"\{([^{}]*)\}")
_PATH = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*")


def title_problem(template: str) -> str:
    """Say why a template is not taken; empty where it is."""
    if len(template) > limits.TITLE_CHARS:
        return f"a title has {limits.TITLE_CHARS} characters at most"
    if re.search(r"[{}]", _FIELD.sub("", template)):
        return "a brace of the title has no partner: a field is written as {input.name}"
    problems = (_field_problem(match[1]) for match in _FIELD.finditer(template))
    return next(filter(None, problems), "")


def _field_problem(field: str) -> str:
    if not _PATH.fullmatch(field):
        return f"{{{field}}} is not a field: write names with dots between them, as in {{input.name}}"
    root = field.partition(".")[0]
    if root in ROOTS:
        return ""
    return f"{{{field}}} begins with none of {', '.join(ROOTS)}{did_you_mean(root, ROOTS)}"


def wants_input(template: str) -> bool:
    """Whether a template names a field of the input, which may have to be fetched for it."""
    return any(match[1].partition(".")[0] == "input" for match in _FIELD.finditer(template))


def title_of(template: str, values: Mapping[str, Json], rules: Sequence[str]) -> str:
    """The title of a run.

    Args:
        template: as the manifest has it.
        values: what the ROOTS are.
        rules: patterns of sensitive fields.

    Returns:
        One line of at most limits.TITLE_CHARS characters. A field that is not there is a dash.
    """
    filled = _FIELD.sub(lambda match: _shown(values, tuple(match[1].split(".")), rules), template)
    return one_line(filled, limits.TITLE_CHARS)


def one_line(text: str, most: int) -> str:
    """A text as one line without what is shaped like a secret, cut where it has more than so many characters."""
    printable = "".join(sign if sign.isprintable() else " " for sign in without_shapes(text))
    line = " ".join(printable.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _shown(values: Mapping[str, Json], path: tuple[str, ...], rules: Sequence[str]) -> str:
    value: Any = values
    for end, name in enumerate(path, 1):
        value = _inside(value, name)
        if value is not None and why_sensitive(path[:end], rules, ()):
            return PLACEHOLDER
    match value:
        case None:
            return "-"
        case str():
            return value
        case list() | tuple():
            return f"{len(cast(Sequence[Any], value))} items"
        case Mapping():
            return "{…}"
        case _:
            return json.dumps(value)


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return cast(Mapping[str, Any], value).get(name)
    if isinstance(value, list | tuple) and name.isdecimal():
        items = cast(Sequence[Any], value)
        return items[int(name)] if int(name) < len(items) else None
    return None
