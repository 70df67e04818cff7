"""A pattern takes each event from its sources alone: what an app emits is no event of the platform, by any name."""

from __future__ import annotations

import json
from itertools import product
from typing import Any, cast

import pytest
from moto.events.models import EventPattern

from interlock.contract.event import (
    APP_SOURCE_PREFIX,
    PLATFORM_SOURCES,
    USER_SOURCE,
    is_reserved,
    pattern_of,
    sources_of,
)
from interlock.contract.event_pattern import matches

NAMES = [*PLATFORM_SOURCES, "run.anything", "interlock.x", "platform.y", "note.written", "asset", "assets.created"]
SOURCES = [*PLATFORM_SOURCES.values(), f"{APP_SOURCE_PREFIX}acme/app", USER_SOURCE, "aws.states", "interlock"]
PAIRS = list(product(sorted(set(SOURCES)), NAMES))


def genuine(source: str, name: str) -> bool:
    """Whether the platform sends such an event."""
    if name in PLATFORM_SOURCES:
        return PLATFORM_SOURCES[name] == source
    ours = source in PLATFORM_SOURCES.values()
    return ours if is_reserved(name) else source.startswith(APP_SOURCE_PREFIX) or source == USER_SOURCE


def taken(pattern: dict[str, Any], source: str, name: str, detail: dict[str, Any] | None = None) -> bool:
    """Whether a pattern takes an event, as EventBridge, moto and our own matcher see it."""
    event = {"source": source, "detail-type": name, "detail": detail or {}}
    mine = matches(pattern, event)
    assert mine is EventPattern(json.dumps(pattern), pattern).matches_event(cast(Any, event))
    return mine


@pytest.mark.parametrize(("source", "name"), PAIRS)
def test_pattern_takes_a_name_from_its_source_alone(source: str, name: str) -> None:
    assert taken(pattern_of((name,), {}), source, name) is genuine(source, name)
    several = pattern_of((name, "note.written", "asset.created"), {})
    assert taken(several, source, name) is genuine(source, name)


@pytest.mark.parametrize(("source", "name"), PAIRS)
def test_wildcard_takes_no_forged_event_of_the_platform(source: str, name: str) -> None:
    dotted = "." in name
    if dotted and source not in PLATFORM_SOURCES.values():
        assert taken(pattern_of(("*",), {}), source, name) is genuine(source, name)
    elif dotted:
        assert taken(pattern_of(("*",), {}), source, name), "whatever comes from the platform"
    beginning = f"{name.partition('.')[0]}.*"
    if dotted and not is_reserved(name) or name in PLATFORM_SOURCES:
        assert taken(pattern_of((beginning,), {}), source, name) is genuine(source, name)


def test_where_narrows_and_cannot_reach_another_source() -> None:
    where: dict[str, Any] = {"source": ["interlock.runs"], "$or": [{"x": [1]}, {"x": [2]}]}
    pattern = pattern_of(("note.written", "run.failed"), where)
    one, two, three = ({"source": "interlock.runs", "x": x} for x in (1, 2, 3))
    assert not taken(pattern, USER_SOURCE, "run.failed", one)
    assert taken(pattern, USER_SOURCE, "note.written", one)
    assert taken(pattern, "interlock.runs", "run.failed", two)
    assert not taken(pattern, "interlock.runs", "run.failed", three)


def test_unknown_reserved_names_have_the_platforms_sources() -> None:
    assert sources_of("platform.later") == tuple(sorted(set(PLATFORM_SOURCES.values())))
    assert sources_of("run.*") == ("interlock.runs",)
