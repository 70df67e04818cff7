"""Checks a workflow: what Amazon States Language asks, and what the platform can run (codes `asl.*`).

The models of `contract.asl` check the structure; this module checks the graph, the expressions and the platform's own
rules, on the raw JSON, so that a finding can name the field as the publisher wrote it.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast, get_args

from pydantic import ValidationError

from interlock.asl.state import every_state
from interlock.compiler import expressions
from interlock.compiler.asl_finding import finding
from interlock.compiler.choices import rule_problems
from interlock.compiler.graph import Raw, States, exits, loops, reach
from interlock.compiler.language import check_language
from interlock.compiler.platform_steps import check_parameters
from interlock.contract import asl
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding
from interlock.contract.core.suggest import Suggestions
from interlock.contract.core.validation import describe, field_name
from interlock.contract.manifest import MAX_STEP_SECONDS, Permissions
from interlock.contract.platform_step import PLANS

STEP_RESOURCE = re.compile(r"^\$\{([A-Za-z_][\w.]*)\}$")
LAMBDA_INVOKE = re.compile(r"^arn:aws[a-z-]*:states:::lambda:invoke$")
MAX_NESTING = 100
"""Levels of a definition: a state in ten nested Maps is at 40; Python's parsers give up at some hundreds."""
WAITS = frozenset({"Seconds", "SecondsPath", "Timestamp", "TimestampPath"})

STATE_FIELDS: Mapping[str, frozenset[str]] = {
    get_args(model.model_fields["type"].annotation)[0]: frozenset(
        str(field.alias) for field in model.model_fields.values()
    )
    for model in get_args(get_args(asl.AnyState)[0])
}
"""The fields of each type of state."""


def parse(text: str, where: str) -> Raw | tuple[Finding, ...]:
    """Read a definition: JSON of the subset's structure, within Step Functions' size."""
    if len(text.encode()) > limits.SFN_DEFINITION_BYTES:
        return (finding("size", where, "the definition is larger than 1 MB", "Split the workflow."),)
    try:
        raw = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        what = f"the definition is not JSON: {error}" if isinstance(error, json.JSONDecodeError) else str(error)
        return (finding("json", where, what, "Correct the JSON."),)
    if not isinstance(raw, dict):
        return (finding("json", where, "the definition is not an object", "Write a state machine."),)
    if _deep(cast(Raw, raw)):
        return (finding("json", where, f"over {MAX_NESTING} levels are nested", "Split the workflow."),)
    return cast(Raw, raw)


class _Names(NamedTuple):
    """The manifest's steps, and what is suggested where a name is none."""

    steps: Mapping[str, int]
    hints: Suggestions


def check(
    raw: Raw, where: str, steps: Mapping[str, int], permissions: Permissions | None = None
) -> tuple[Finding, ...]:
    """All findings of a definition.

    Args:
        raw: the definition.
        where: the file, for the findings.
        steps: the manifest's steps with their timeouts in seconds.
        permissions: what the app asks for: a platform step can do no more.
    """
    findings = list(_forbidden(raw, where))
    problems = _problems(raw)
    if problems:
        findings += _structure(problems, where)
        # What else is wrong is told in the same round, where unknown fields are all that is in the way.
        known = _without_unknown(raw, problems)
        if known is raw or _problems(known):
            return (*findings, *_fields(raw, where))
        raw = known
    findings += _scope(raw, where, _Names(steps, Suggestions()), raw.get("QueryLanguage", "JSONPath"))
    return (*findings, *_platform_steps(raw, where, permissions or Permissions()), *_names_once(raw, where))


def scopes(raw: Raw, in_map: bool = False) -> Iterator[tuple[Raw, bool]]:
    """This scope and every one inside it (branches, item processors), with whether it is inside a Map."""
    yield raw, in_map
    for state in cast(States, raw["States"]).values():
        for branch in state.get("Branches", ()):
            yield from scopes(branch, in_map)
        processor = state.get("ItemProcessor") or state.get("Iterator")
        if processor:
            yield from scopes(processor, True)


def given_to(state: Raw) -> Any:
    """What a Task passes to its step, as it is written; an expression as its text, None where nothing is said."""
    if not is_studio_form(state):
        return state.get("Arguments", state.get("Parameters"))
    arguments = _arguments(state)
    return arguments.get("Payload.$", arguments.get("Payload"))


def step_of(state: Raw) -> str | None:
    """The name in `${…}` that a Task calls, in the direct form or Workflow Studio's; None where it is neither."""
    resource = str(state.get("Resource", ""))
    if LAMBDA_INVOKE.match(resource):
        resource = str(_arguments(state).get("FunctionName", ""))
    match = STEP_RESOURCE.match(resource)
    return match.group(1) if match else None


def is_studio_form(state: Raw) -> bool:
    """Whether a Task is written as Workflow Studio does: `lambda:invoke` with FunctionName."""
    return LAMBDA_INVOKE.match(str(state.get("Resource", ""))) is not None


def _arguments(state: Raw) -> Raw:
    value = state.get("Arguments", state.get("Parameters"))
    return cast(Raw, value) if isinstance(value, dict) else {}


def _unique(pairs: list[tuple[str, Any]]) -> Raw:
    rows = dict(pairs)
    if len(rows) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"one object has the key {twice!r} twice")
    return rows


def _deep(raw: Raw) -> bool:
    level: list[Any] = [raw]
    for _ in range(MAX_NESTING):
        parts = [cast(Raw, part).values() if isinstance(part, dict) else part for part in level]
        level = [item for part in parts for item in part if isinstance(item, dict | list)]
    return bool(level)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _problems(raw: Raw) -> list[Any]:
    """What pydantic says of a definition's structure; not that a list is short whose items it refused."""
    try:
        asl.Workflow.model_validate(raw)
    except ValidationError as error:
        return [row for row in error.errors() if row["type"] != "too_short" or not row["input"]]
    return []


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The keys that lead to a mistake: pydantic puts the type of a state behind its name."""
    return tuple(part for at, part in enumerate(loc) if not _is_type(loc, at))


def _is_type(loc: tuple[int | str, ...], at: int) -> bool:
    return at > 1 and loc[at - 2] == "States" and loc[at] in STATE_FIELDS


def _without_unknown(raw: Raw, problems: list[Any]) -> Raw:
    """The definition without the fields that are not known; as it is where something else is wrong."""
    if any(row["type"] != "extra_forbidden" for row in problems):
        return raw
    copy: Any = json.loads(json.dumps(raw))
    try:
        for row in problems:
            inner: Any = copy
            *around, field = _place(row["loc"])
            for part in around:
                inner = inner[part]
            del inner[field]
    except (LookupError, TypeError):
        # The place is written in pydantic's words, and not in the definition's keys.
        return raw
    return copy


def _structure(problems: list[Any], where: str) -> Iterator[Finding]:
    hints = Suggestions()
    for row in problems:
        loc = row["loc"]
        place = "/".join(str(part) for part in _place(loc))
        what = describe(row, field_name(row, "the definition"))
        kind = next((str(loc[at]) for at in reversed(range(len(loc))) if _is_type(loc, at)), "")
        if row["type"] == "extra_forbidden" and kind:
            what = f"{loc[-1]} is not a field of a {kind}{hints.like(str(loc[-1]), sorted(STATE_FIELDS[kind]))}"
        yield finding("structure", f"{where}#{place}", what, "See the fields in docs/workflows.md.")


def _fields(raw: Raw, where: str) -> Iterator[Finding]:
    """The findings about fields and expressions of a definition whose structure is wrong, so that all come at once."""
    outer = raw.get("QueryLanguage", "JSONPath")
    for state in every_state(raw):
        yield from check_language(state.fields, f"{where}#{state.name}", state.language, str(outer))


def _forbidden(raw: Raw, where: str) -> Iterator[Finding]:
    for place, text in expressions.strings(raw):
        spot = f"{where}#{place.lstrip('/')}"
        if "{{resolve:" in text:
            yield finding(
                "resolve",
                spot,
                "the workflow contains a CloudFormation reference",
                "Remove the text `{{resolve:`; use ctx.secrets in a step.",
            )
        field = place.rsplit("/", 1)[-1]
        if "${" in text and field not in ("Resource", "FunctionName", "Comment"):
            yield finding(
                "substitution",
                spot,
                "`${` is permitted in Resource and FunctionName only",
                "Write the value, or read ctx.config in a step. JSONata joins strings with `&`.",
            )


def _platform_steps(raw: Raw, where: str, permissions: Permissions) -> Iterator[Finding]:
    for scope, _ in scopes(raw):
        for name, state in cast(States, scope["States"]).items():
            step = step_of(state) if state["Type"] == "Task" else None
            if step in PLANS:
                yield from check_parameters(str(step), given_to(state), permissions, f"{where}#{name}")


def _names_once(raw: Raw, where: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for scope, _ in scopes(raw):
        for name in scope["States"]:
            if name in seen:
                yield finding(
                    "name-twice",
                    f"{where}#{name}",
                    "two states of one workflow have this name",
                    "Rename one: breakpoints and records use the name.",
                )
            seen.add(name)


def _scope(scope: Raw, where: str, names: _Names, language: str) -> Iterator[Finding]:
    states = cast(States, scope["States"])
    yield from _graph(scope, states, where, names.hints)
    for name, state in states.items():
        spot = f"{where}#{name}"
        spoken = state.get("QueryLanguage") or language
        yield from _state_name(name, spot)
        yield from check_language(state, spot, spoken, language)
        yield from _retries(state, spot)
        if state["Type"] == "Task":
            yield from _task(state, spot, names)
        for ordinal, rule in enumerate(state.get("Choices", ())):
            for place, what in rule_problems(rule, spoken, f"{spot}/Choices/{ordinal}"):
                yield finding("choice", place, what, "See Choice in docs/workflows.md.")
        if state["Type"] == "Wait" and len(WAITS & set(state)) != 1:
            yield finding("wait", spot, "a Wait needs one of Seconds, Timestamp or their paths", "Specify one of them.")
        for ordinal, branch in enumerate(state.get("Branches", ())):
            if "Version" in branch:
                spot = f"{where}#{name}/Branches/{ordinal}/Version"
                yield finding("structure", spot, "a branch has no Version", "Remove it; the state machine has one.")
            yield from _scope(branch, where, names, language)
        processor = state.get("ItemProcessor") or state.get("Iterator")
        if processor:
            yield from _scope(processor, where, names, language)
        elif state["Type"] == "Map":
            yield finding("map", spot, "the Map has no ItemProcessor", "Add an ItemProcessor.")


def _state_name(name: str, spot: str) -> Iterator[Finding]:
    if not name or any(unicodedata.category(sign) == "Cc" for sign in name):
        what = "the name has a control character" if name else "a state has an empty name"
        yield finding("name", spot, what, "Rename it with letters, digits and spaces.")
    if len(name) > asl.MAX_STATE_NAME:
        yield finding("name-long", spot, f"the name is longer than {asl.MAX_STATE_NAME} characters", "Shorten it.")
    if name.endswith(asl.PAUSED_SUFFIX):
        yield finding(
            "name-reserved", spot, f"the name ends with `{asl.PAUSED_SUFFIX}`", "Rename it: this suffix is reserved."
        )


def _graph(scope: Raw, states: States, where: str, hints: Suggestions) -> Iterator[Finding]:
    start = scope["StartAt"]
    if start not in states:
        what = f"state {start!r} does not exist{hints.like(start, states)}"
        yield finding("dangling", f"{where}#StartAt", what, "Name a state of this scope.")
    for name, state in states.items():
        spot = f"{where}#{name}"
        for target in exits(state):
            if target not in states:
                yield finding(
                    "dangling",
                    spot,
                    f"the state goes to {target!r}, which does not exist here{hints.like(target, states)}",
                    "Name a state of this scope, or add it.",
                )
        if state["Type"] not in ("Choice", "Succeed", "Fail") and ("Next" in state) == bool(state.get("End")):
            yield finding("end", spot, "a state needs either Next or End", 'Add `"Next"` or `"End": true`, not both.')
        if state["Type"] == "Choice" and any("Next" not in rule for rule in state["Choices"]):
            yield finding("end", spot, "the rule has no Next", "Add Next.")
    if start not in states:
        return
    reached = reach(start, states)
    for name in sorted(states.keys() - reached):
        yield finding("unreachable", f"{where}#{name}", "the state can't be reached", "Add a Next to it, or remove it.")
    yield from _loops(states, where)


def _loops(states: States, where: str) -> Iterator[Finding]:
    """A loop must be able to end: some Choice of it leads out of it (how often it turns, the history limit bounds)."""
    for loop in loops(states):
        leaves = any(states[part]["Type"] == "Choice" and set(exits(states[part])) - loop for part in loop)
        if not leaves:
            yield finding(
                "loop",
                f"{where}#{next(name for name in states if name in loop)}",
                f"the loop does not end: {', '.join(sorted(loop))}",
                "Add a Choice that leaves it.",
            )


def _retries(state: Raw, spot: str) -> Iterator[Finding]:
    for ordinal, retrier in enumerate(state.get("Retry", ())):
        if retrier.get("MaxAttempts", 3) > asl.MAX_RETRY_ATTEMPTS:
            yield finding(
                "retry",
                f"{spot}/Retry/{ordinal}",
                f"MaxAttempts must be at most {asl.MAX_RETRY_ATTEMPTS}",
                "Retry less often, with a backoff.",
            )
    for field in ("Retry", "Catch"):
        rows = state.get(field, ())
        for ordinal, row in enumerate(rows):
            if "States.ALL" in row["ErrorEquals"] and (len(row["ErrorEquals"]) > 1 or ordinal < len(rows) - 1):
                yield finding(
                    "all",
                    f"{spot}/{field}/{ordinal}",
                    "States.ALL must be the only error of the last entry",
                    "Move it to a separate entry at the end.",
                )


def _task(state: Raw, spot: str, names: _Names) -> Iterator[Finding]:
    for field in ("HeartbeatSeconds", "HeartbeatSecondsPath"):
        if field in state:
            yield finding(
                "heartbeat",
                f"{spot}/{field}",
                "a step does not send heartbeats",
                "Remove it; TimeoutSeconds limits the step.",
            )
    if "Credentials" in state:
        yield finding(
            "credentials",
            f"{spot}/Credentials",
            "a step can't choose its credentials",
            "Remove it; declare permissions in the manifest.",
        )
    timeout = state.get("TimeoutSeconds")
    if isinstance(timeout, int) and not 1 <= timeout <= MAX_STEP_SECONDS:
        yield finding(
            "timeout", f"{spot}/TimeoutSeconds", f"the timeout must be 1 to {MAX_STEP_SECONDS}", "Split the step."
        )
    step = step_of(state)
    if step is None:
        yield finding(
            "resource",
            f"{spot}/Resource",
            f"{state['Resource']!r} is not a step",
            'Write "Resource": "${step_name}" with a step of the manifest, or a step of the platform: '
            + ", ".join(f"${{{name}}}" for name in sorted(PLANS)),
        )
    elif step not in names.steps and step not in PLANS:
        known = sorted({*names.steps, *PLANS})
        yield finding(
            "unknown-step",
            f"{spot}/Resource",
            f"the manifest has no step {step!r}{names.hints.like(step, known)}",
            f"Declare [steps.{step}], or use one of: {', '.join(known)}.",
        )
    if is_studio_form(state):
        extra = set(_arguments(state)) - {"FunctionName", "Payload", "Payload.$"}
        for field in sorted(extra):
            yield finding(
                "invoke-field",
                f"{spot}/{field}",
                f"{field} of lambda:invoke is not supported",
                "Keep FunctionName and Payload.",
            )
