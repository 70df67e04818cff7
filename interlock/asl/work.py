"""What each type of state decides from its data: the way of a Choice, the time of a Wait, the items of a Map, an error.

https://docs.aws.amazon.com/step-functions/latest/dg/workflow-states.html
"""

from dataclasses import dataclass
from datetime import datetime

from interlock.asl import choice, errors, query, select, templates
from interlock.asl.flow import Trace
from interlock.asl.scope import Scope
from interlock.asl.state import State
from interlock.asl.timestamps import parse_time
from interlock.asl.values import Json, Object, kind_of, text_of, whole

MAX_WAIT = 99_999_999
"""The longest Wait, in seconds."""


@dataclass(frozen=True)
class Way:
    """Where a Choice goes.

    Attributes:
        next: the state that follows.
        rule: the place of the rule that matched; None for Default.
        fields: where Assign and Output stand: the rule, or the state.
    """

    next: str
    rule: int | None
    fields: Object


def choose(state: State, raw: Json, effective: Json, scope: Scope) -> Way:
    """The first rule that holds, or Default.

    Raises:
        StatesError: States.NoChoiceMatched; States.Runtime where a path leads to nothing; States.QueryEvaluationError
            where a Condition is not a boolean.
    """
    for place, rule in enumerate(state.rows("Choices")):
        if _holds(state, rule, place, raw, effective, scope):
            return Way(str(rule.get("Next")), place, rule)
    default = state.fields.get("Default")
    if isinstance(default, str):
        return Way(default, None, state.fields)
    raise errors.StatesError(errors.NO_CHOICE, "No choice rule matched, and the state has no Default.")


def _holds(state: State, rule: Object, place: int, raw: Json, effective: Json, scope: Scope) -> bool:
    if not state.jsonata:
        return choice.passes(rule, effective, scope)
    location = f"Choices[{place}]/Condition"
    return query.typed(rule.get("Condition"), "boolean", query.states_of(raw, scope), scope, location) is True


def wait_seconds(state: State, raw: Json, effective: Json, scope: Scope, now: datetime) -> float:
    """How many seconds a Wait lasts from `now`; 0 for a moment that is past.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html

    Raises:
        StatesError: States.Runtime or States.QueryEvaluationError: it is no whole number of seconds from 0 on, or no
            timestamp.
    """
    fields = state.fields
    if "Seconds" in fields or "SecondsPath" in fields:
        return _seconds(state, raw, effective, scope)
    moment = _moment(state, raw, effective, scope)
    return max(0.0, (moment - now).total_seconds())


def _seconds(state: State, raw: Json, effective: Json, scope: Scope) -> int:
    if state.jsonata:
        return query.seconds(state.fields.get("Seconds"), query.states_of(raw, scope), scope, "Seconds")
    return _count(state, "Seconds", effective, scope, MAX_WAIT)


def _count(state: State, name: str, effective: Json, scope: Scope, most: int) -> int:
    """A field that is a whole number from 0 on, or the path to one."""
    path = state.fields.get(f"{name}Path")
    value = select.read_field(path, effective, scope, f"{name}Path") if isinstance(path, str) else state.fields[name]
    number = whole(value)
    if number is None or not 0 <= number <= most:
        where = f"{name}Path parameter does not reference" if isinstance(path, str) else f"{name} parameter is not"
        raise errors.runtime(f"The {where} an integer from 0 to {most}: {path or name} == {text_of(value)}")
    return number


def _moment(state: State, raw: Json, effective: Json, scope: Scope) -> datetime:
    path = state.fields.get("TimestampPath")
    if state.jsonata:
        value = query.typed(state.fields.get("Timestamp"), "string", query.states_of(raw, scope), scope, "Timestamp")
    elif isinstance(path, str):
        value = select.read_field(path, effective, scope, "TimestampPath")
    else:
        value = state.fields.get("Timestamp")
    moment = parse_time(value)
    if moment is not None:
        return moment
    if state.jsonata:
        cause = f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {value}"
        raise errors.StatesError(errors.QUERY, cause, "Timestamp")
    raise errors.runtime(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
        f"{path} == {value if isinstance(value, str) else text_of(value)}"
    )


def failure_of(state: State, raw: Json, scope: Scope) -> errors.StatesError:
    """The error that a Fail state ends with; what it does not have is None."""
    values = [_failure_text(state, name, raw, scope) for name in ("Error", "Cause")]
    return errors.StatesError(values[0], values[1])


def _failure_text(state: State, name: str, raw: Json, scope: Scope) -> str | None:
    path = state.fields.get(f"{name}Path")
    if state.jsonata and name in state.fields:
        return str(query.typed(state.fields[name], "string", query.states_of(raw, scope), scope, name))
    if path is None:
        value = state.fields.get(name)
        return value if isinstance(value, str) else None
    value = templates.value_of(path, raw, scope, f"{name}Path")
    if not isinstance(value, str):
        raise errors.runtime(f"The value of {name}Path must be a string, but was: {text_of(value)}")
    return value


def items_of(state: State, raw: Json, effective: Json, scope: Scope, trace: Trace | None = None) -> list[Json]:
    """The items of a Map.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemspath.html

    Raises:
        StatesError: States.Runtime or States.QueryEvaluationError: it is not a list.
    """
    notes = trace or Trace()
    if state.jsonata:
        if "Items" in state.fields:
            value = query.typed(state.fields["Items"], "array", query.states_of(raw, scope), scope, "Items")
            notes.note("Items", value)
        else:
            value = raw
    else:
        path = state.fields.get("ItemsPath", "$")
        value = select.read_field(str(path), effective, scope, "ItemsPath")
        if "ItemsPath" in state.fields:
            notes.note("ItemsPath", value)
    if isinstance(value, list):
        return value
    name = "ItemsPath" if not state.jsonata else "Items"
    cause = f"The {name} of a Map must give an array, but was of type {kind_of(value)}: {text_of(value)}"
    raise errors.StatesError(errors.QUERY, cause, name) if state.jsonata else errors.runtime(cause)


def item_input(state: State, raw: Json, effective: Json, item: Json, scope: Scope) -> Json:
    """The input of one item's states; `scope` has the item in `Map.Item` of the context object."""
    if state.jsonata:
        if "ItemSelector" not in state.fields:
            return item
        states = query.states_of(raw, scope)
        return query.render(state.fields["ItemSelector"], states, scope, "ItemSelector")
    selector = state.fields.get("ItemSelector", state.fields.get("Parameters"))
    return item if selector is None else templates.render(selector, effective, scope)


def concurrency_of(state: State, raw: Json, effective: Json, scope: Scope) -> int:
    """How many items of a Map run at a time; 0 for as many as there are.

    Raises:
        StatesError: it is no whole number from 0 on.
    """
    fields = state.fields
    if "MaxConcurrency" not in fields and "MaxConcurrencyPath" not in fields:
        return 0
    if state.jsonata:
        return query.seconds(fields.get("MaxConcurrency"), query.states_of(raw, scope), scope, "MaxConcurrency")
    return _count(state, "MaxConcurrency", effective, scope, MAX_WAIT)


def limit_seconds(state: State, name: str, raw: Json, effective: Json, scope: Scope) -> int | None:
    """TimeoutSeconds or HeartbeatSeconds of a Task, as a number, an expression or a path; None where there is none.

    Raises:
        StatesError: it is no whole number from 1 on.
    """
    if name not in state.fields and f"{name}Path" not in state.fields:
        return None
    if state.jsonata:
        number = query.seconds(state.fields.get(name), query.states_of(raw, scope), scope, name)
    else:
        number = _count(state, name, effective, scope, MAX_WAIT)
    if number < 1:
        cause = f"The {name} of a Task must be at least 1, but was: {number}"
        raise errors.StatesError(errors.QUERY, cause, name) if state.jsonata else errors.runtime(cause)
    return number
