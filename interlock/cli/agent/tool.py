"""What every tool of a coding agent is made of, and where it works."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interlock.contract.copilot.answer import Answer, Arguments, Untrusted
from interlock.contract.copilot.tool import Hints
from interlock.contract.core.base import Json
from interlock.contract.payload import size

if TYPE_CHECKING:
    from interlock.cli.terminal.client import Client

READ = Hints(read_only=True, idempotent=True)
MAX_BODY_BYTES = 32_000
"""A recorded value above it is cut in an answer, which fills the context of a model; `debug_eval` looks into it."""


@dataclass(frozen=True)
class Desk:
    """Where an agent works: a publisher's machine, as one of its profiles.

    Attributes:
        client: of the tenant whose runs are looked at.
        tenant: its id.
        progress: takes what a tool that lasts is doing now.
    """

    client: Client
    tenant: str
    progress: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True)
class Tool:
    """A tool of ours.

    Attributes:
        name: its name.
        title: for people.
        about: for the agent.
        arguments: what it takes.
        answer: what it answers.
        run: what it does.
        hints: what it does to the world.
        question: what a person is asked before it runs; None where nobody need be asked.
    """

    name: str
    title: str
    about: str
    arguments: type[Arguments]
    answer: type[Answer]
    run: Callable[[Desk, Any], Answer]
    hints: Hints = READ
    question: Callable[[Desk, Any], str | None] | None = None


def untrusted(data: Mapping[str, Json]) -> Untrusted:
    """What others wrote, each value cut to MAX_BODY_BYTES."""
    return Untrusted(data={name: cut(value) for name, value in data.items()})


def cut(value: Json) -> Json:
    """A value as it is, or the beginning of its JSON text and how long it is."""
    if size(value) <= MAX_BODY_BYTES:
        return value
    return {"cut": json.dumps(value, ensure_ascii=False)[:MAX_BODY_BYTES], "bytes": size(value)}
