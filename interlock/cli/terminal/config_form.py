"""A config as a form: the terminal asks for each property of its JSON Schema, and checks each answer."""

import json
from collections.abc import Mapping
from typing import Any

import typer

from interlock.bounds.json_schema import mismatches
from interlock.cli.terminal import render
from interlock.contract.core.base import Json


def ask(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Ask for the properties of a config, one after the other. An optional one may be left empty."""
    required = set(schema.get("required", ()))
    config: dict[str, Json] = {}
    for name, about in schema.get("properties", {}).items():
        value = _property(name, about, required=name in required)
        if value is not None:
            config[name] = value
    return config


def read_value(text: str, about: Mapping[str, Json]) -> Json:
    """What somebody typed, as the schema's type: a text as it is, anything else as JSON.

    Raises:
        ValueError: the schema does not allow it.
    """
    value: Json = text if about.get("type") == "string" else json.loads(text)
    faults = mismatches(about, value)
    if faults:
        raise ValueError(faults[0].sentence("the value"))
    return value


def _property(name: str, about: Mapping[str, Json], *, required: bool) -> Json:
    question = str(about.get("description") or about.get("title") or name)
    choices = f" ({', '.join(map(str, about['enum']))})" if "enum" in about else ""
    default: Any = about.get("default")
    shown = default if isinstance(default, str) or default is None else json.dumps(default)
    while True:
        text = typer.prompt(f"{question}{choices}", default=shown or "", show_default=bool(shown))
        if not text and not required:
            return None
        try:
            return read_value(text, about)
        except ValueError as error:
            render.note(f"{name}: {error}")
