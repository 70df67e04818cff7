"""A config as a form: each property of its JSON Schema is asked for at the terminal, and checked as it is given."""

import json
from collections.abc import Mapping
from typing import Any

import typer

from interlock.cli.terminal import render
from interlock.contract.core.base import Json


def ask(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Ask for a config's properties, one after the other; what is left empty and not required is left out."""
    required = set(schema.get("required", ()))
    found: dict[str, Json] = {}
    for name, about in schema.get("properties", {}).items():
        value = _property(name, about, required=name in required)
        if value is not None:
            found[name] = value
    return found


def read_value(text: str, about: Mapping[str, Json]) -> Json:
    """What somebody typed, as the schema's type: text as it is, anything else as JSON.

    Raises:
        ValueError: it is not what the schema takes.
    """
    from jsonschema import Draft202012Validator  # late: it is a tenth of a second of every command

    value: Json = text if about.get("type") == "string" else json.loads(text)
    fault = next(iter(Draft202012Validator(dict(about)).iter_errors(value)), None)
    if fault is not None:
        raise ValueError(fault.message)
    return value


def _property(name: str, about: Mapping[str, Json], *, required: bool) -> Json:
    words = str(about.get("description") or about.get("title") or name)
    choices = f" ({', '.join(map(str, about['enum']))})" if "enum" in about else ""
    default: Any = about.get("default")
    shown = default if isinstance(default, str) or default is None else json.dumps(default)
    while True:
        text = typer.prompt(f"{words}{choices}", default=shown or "", show_default=bool(shown))
        if not text and not required:
            return None
        try:
            return read_value(text, about)
        except ValueError as error:
            render.err.print(f"{name}: {error}")
