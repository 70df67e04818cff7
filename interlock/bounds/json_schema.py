"""JSON Schemas that publishers write: which are taken, and whether a value fits one. All of the platform asks here.

A schema never makes the platform read another document, and never makes it work for long. References lead to a schema
of the same document; patterns are those that a search in linear time knows (Rust's `regex`); a check that could be
long is done in a process of its own.

Source: https://json-schema.org/draft/2020-12 and https://docs.rs/regex/latest/regex/#syntax.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast
from urllib.parse import unquote

from interlock.bounds.child import OutOfBounds, compute
from interlock.contract.core import limits
from interlock.contract.core.base import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = Mapping[str, Any]
MOST = 20
"""Mismatches of one value that an answer names."""
TEXT_CHARS = 200
"""What a sentence quotes of a schema."""
PATTERN_BYTES = 128 * limits.KIB
"""A compiled pattern, and what a search with it keeps: `[A-Z]{1,200}` has 20 KiB."""
PATTERN_WEIGHT = 50
"""What a pattern costs, where any other place of a schema costs 1."""
DIRECT_WORK = 5_000_000
"""Places of a schema times bytes of a value: a check below it takes a tenth of a second; a child does one above it."""
_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    "items",
    "additionalProperties",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
)
_ELSEWHERE = ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$anchor", "$vocabulary")
_ROOT_ALONE = ("$id", "$schema")
_SENTENCES: Mapping[str, str] = {
    "type": "must be of type {value}",
    "enum": "must be one of {value}",
    "const": "must be {value}",
    "required": "lacks {value}",
    "additionalProperties": "may not have {value}",
    "unevaluatedProperties": "may not have {value}",
    "unevaluatedItems": "may not have the items {value}",
    "pattern": "must match the pattern {value}",
    "format": "must be of the format {value}",
    "minimum": "must be at least {value}",
    "maximum": "must be at most {value}",
    "exclusiveMinimum": "must be more than {value}",
    "exclusiveMaximum": "must be less than {value}",
    "multipleOf": "must be a multiple of {value}",
    "minLength": "must have {value} or more characters",
    "maxLength": "must have {value} or fewer characters",
    "minItems": "must have {value} or more items",
    "maxItems": "must have {value} or fewer items",
    "uniqueItems": "may not have the same item twice",
    "minProperties": "must have {value} or more fields",
    "maxProperties": "must have {value} or fewer fields",
    "contains": "lacks an item that the schema asks for",
    "anyOf": "must match one of the schemas in anyOf",
    "oneOf": "must match exactly one of the schemas in oneOf",
    "not": "matches the schema in not",
    "propertyNames": "has a name that the schema does not allow",
    "falseSchema": "must be absent",
}
_LANGUAGE = (
    "its language has no look-around and no back reference, and a compiled pattern takes at most "
    f"{PATTERN_BYTES // limits.KIB} KiB (https://docs.rs/regex/latest/regex/#syntax)"
)
_OTHERWISE = "does not match the schema ({keyword})"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place of a value that does not fit.

    Attributes:
        path: names and indexes that lead to the place, joined by `/`; empty for the whole value.
        keyword: of the schema, such as `required`.
        text: what is wrong there, such as `must be of type string`. It quotes the schema, and never the value.
    """

    path: str
    keyword: str
    text: str

    def sentence(self, subject: str) -> str:
        """What is wrong, about the place or, for the whole, about a subject."""
        return f"{self.path or subject} {self.text}"


def schema_problem(schema: Schema) -> str:
    """Say why a schema is not taken; empty where it is taken.

    Args:
        schema: the document, as JSON.

    Returns:
        Sentences such as `#/properties/a has $dynamicRef, which the platform does not follow`.
    """
    excess = _excess(schema)
    if excess:
        return excess
    places = dict(_places(schema))
    return "; ".join(islice(_faults(places), MOST)) or _refused(schema)


def mismatches(schema: Schema, value: Json) -> tuple[Mismatch, ...]:
    """What of a value does not fit a schema; empty where all of it does.

    Args:
        schema: one that `schema_problem` takes. What a publisher changed behind its back is held by the same bounds.
        value: any JSON.

    Returns:
        At most MOST places. A check that has no answer in time is one mismatch, because the value was not accepted.
    """
    try:
        work = _weight(schema) * len(json.dumps(value))
    except (RecursionError, ValueError):
        return (Mismatch("", "depth", "is nested too deeply"),)
    if work <= DIRECT_WORK:
        return tuple(_compare(schema, value))
    try:
        rows = compute(lambda: [[row.path, row.keyword, row.text] for row in _compare(schema, value)])
    except OutOfBounds as error:
        return (Mismatch("", "cost", f"could not be compared with its schema: {error}"),)
    return tuple(Mismatch(*map(str, row)) for row in cast(list[list[str]], rows))


def _compare(schema: Schema, value: Json) -> Iterator[Mismatch]:
    try:
        errors = _validator(schema).iter_errors(value)
        for error in islice(errors, MOST):
            yield Mismatch("/".join(map(str, error.instance_path)), error.kind.name, _text(error))
    except ValueError:
        yield Mismatch("", "schema", "could not be compared with its schema: publish the app again")


def _validator(schema: Schema) -> Any:
    # Late: many commands and functions check nothing.
    import jsonschema_rs as rust

    patterns = rust.RegexOptions(size_limit=PATTERN_BYTES, dfa_size_limit=PATTERN_BYTES)
    return rust.Draft202012Validator(dict(schema), pattern_options=patterns, offline=True)


def _refused(schema: Schema) -> str:
    """Why the library refuses a schema whose references and size are right."""
    try:
        _validator(schema)
    except ValueError as error:
        place = "/".join(map(str, getattr(error, "instance_path", ())))
        if getattr(getattr(error, "kind", None), "name", "") == "format":
            return f"#/{place} is not a pattern that the platform knows: {_LANGUAGE}"
        return f"#/{place} is not what JSON Schema 2020-12 has there"
    return ""


def _excess(schema: Schema) -> str:
    """Why a schema is too large, looked at level by level without recursion."""
    level: list[Any] = [schema]
    count = 0
    for _ in range(limits.SCHEMA_DEPTH):
        count += len(level)
        if count > limits.SCHEMA_NODES:
            return f"the schema has more than {limits.SCHEMA_NODES} values"
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            size = len(json.dumps(schema))
            return f"the schema has {size} bytes, and may have {limits.SCHEMA_BYTES}" * (size > limits.SCHEMA_BYTES)
    return f"the schema is nested more than {limits.SCHEMA_DEPTH} deep"


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(cast(Schema, value).values())
    return cast(list[Any], value) if isinstance(value, list) else []


def _places(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every schema in a document by its pointer, such as `#/properties/a`."""
    pending: list[tuple[str, Any]] = [("#", schema)]
    while pending:
        place, current = pending.pop()
        if isinstance(current, dict):
            yield place, cast(Schema, current)
            pending += _inner(place, cast(Schema, current))


def _inner(place: str, schema: Schema) -> Iterator[tuple[str, Any]]:
    """What stands right below a schema where JSON Schema has schemas."""
    for keyword, value in schema.items():
        at = f"{place}/{keyword}"
        if keyword in _MAPS and isinstance(value, dict):
            rows = cast(Schema, value)
            yield from ((f"{at}/{name.replace('~', '~0').replace('/', '~1')}", inner) for name, inner in rows.items())
        elif keyword in _LISTS and isinstance(value, list):
            yield from ((f"{at}/{index}", inner) for index, inner in enumerate(cast(list[Any], value)))
        elif keyword in _SINGLE:
            yield at, value


def _faults(places: Mapping[str, Schema]) -> Iterator[str]:
    draft = places["#"].get("$schema", DRAFT)
    if not isinstance(draft, str) or draft.rstrip("#") != DRAFT:
        yield f'the schema is of another draft: write "$schema": "{DRAFT}", or leave $schema out'
    for place, schema in places.items():
        for keyword in (*_ELSEWHERE, *(_ROOT_ALONE if place != "#" else ())):
            if keyword in schema:
                yield f"{place} has {keyword}, which the platform does not follow: refer with $ref to #/$defs"
        target = schema.get("$ref", "#")
        if not isinstance(target, str) or _pointer(target) not in places:
            quoted = repr(_cut(str(target)))
            yield f"{place} refers to {quoted}, and a reference leads to a schema of the same document"


def _pointer(reference: str) -> str:
    """The pointer that a local reference means, as `_places` writes it."""
    return "#" + unquote(reference[1:]) if reference.startswith("#") else reference


def _weight(schema: Schema) -> float:
    """How many places a check of one value visits at most; infinite where a schema leads back to itself."""
    places = dict(_places(schema))
    weights: dict[str, float] = {}

    def weigh(place: str) -> float:
        if place not in weights:
            weights[place] = float("inf")
            current = places[place]
            own = PATTERN_WEIGHT if "pattern" in current else len(str(current.get("enum", ""))) / 10 + 1
            own += PATTERN_WEIGHT * len(_inside(current.get("patternProperties")))
            weights[place] = own + sum(weigh(each) for each in _visited(place, current) if each in places)
        return weights[place]

    return weigh("#")


def _visited(place: str, schema: Schema) -> Iterator[str]:
    """The schemas that a check of this one goes on to; what is only defined here is visited by reference."""
    yield from (
        at for at, _ in _inner(place, schema) if not at.startswith((f"{place}/$defs/", f"{place}/definitions/"))
    )
    target = schema.get("$ref")
    if isinstance(target, str):
        yield _pointer(target)


def _text(error: Any) -> str:
    kind = error.kind
    sentence = _SENTENCES.get(kind.name, _OTHERWISE.format(keyword=kind.name))
    if kind.name == "anyOf":
        first = (_text(rows[0]) for rows in kind.context if rows and rows[0].instance_path == error.instance_path)
        return _cut(", or ".join(dict.fromkeys(first)) or sentence)
    return sentence.replace("{value}", _cut(_listed(kind.value))) if "{value}" in sentence else sentence


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_listed, cast(list[Any], value)))
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARS else text[:TEXT_CHARS] + "…"
