"""Definitions of workflows with places changed, removed or renamed, through the compiler."""

import json
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, cast

from interlock.asl.state import every_state
from interlock.compiler import gate, workflow
from interlock.compiler.growth import repeats
from interlock.compiler.spill import plan_spill
from interlock.contract.core.finding import Finding, errors_of
from scripts.setup import ROOT

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e309, "", "$", "$$", "$.", "$x", "States.", "States.Array(", "{%", "{% ( %}", "{% /(/ %}"),
    *(
        "\ud800",
        [],
        {},
        [[]],
        [None],
        {"a": None},
        {"": {}},
        ["B"],
        {"Next": []},
        {"Variable": 1},
        "JSONata",
        "A" * 200,
    ),
    [{"ErrorEquals": [1]}],
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys."""
    keys: list[Any] = list(cast(dict[str, Any], value)) if isinstance(value, dict) else []
    keys = list(range(len(cast(list[Any], value)))) if isinstance(value, list) else keys
    for key in keys:
        yield value, key
        yield from places(value[key])


def mutated(definition: Any, chance: random.Random) -> Any:
    """A copy with one to three places changed, removed or renamed."""
    copy = deepcopy(definition)
    for _ in range(chance.randint(1, 3)):
        options = list(places(copy))
        if not options:
            break
        holder, key = chance.choice(options)
        action = chance.randrange(4)
        if action == 0:
            del holder[key]
        elif action == 1 and isinstance(holder, dict):
            holder[
                str(chance.choice(("Type", "Next", "Choices", "Catch", "Assign", "Output", "States", "QueryLanguage")))
            ] = holder.pop(key)
        else:
            holder[key] = deepcopy(chance.choice(ODD) if action < 3 else chance.choice(options)[0])
    return copy


def shipped() -> list[Any]:
    """The workflows of the app templates and of the corpus."""
    files = [*ROOT.glob("app_templates/*/workflows/*.json"), *ROOT.glob("tests/corpus/bugs/*/workflows/*.json")]
    return [json.loads(file.read_text()) for file in sorted(files)]


def steps_of(definitions: Sequence[Any]) -> dict[str, int]:
    """The steps that some definitions call, each with a timeout."""
    states = (state for definition in definitions for state in every_state(definition))
    names = (workflow.step_of({**state.fields}) for state in states)
    return {name: 60 for name in names if name is not None}


def checked_and_compiled(definition: Any, steps: dict[str, int]) -> tuple[Finding, ...]:
    """The findings of a definition; one without errors is compiled too."""
    parsed = workflow.parse(json.dumps(definition), "w")
    if isinstance(parsed, tuple):
        return parsed
    findings = workflow.check(parsed, "w", steps)
    if not errors_of(findings):
        compiled = gate.compile_workflow(parsed, steps)
        assert gate.canonical(compiled) and plan_spill(parsed) and repeats(parsed) in (True, False)
    return findings
