"""The data flow of one state, stage by stage, in both query languages.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from dataclasses import dataclass, field

from interlock.asl import errors, query, select, templates
from interlock.asl.scope import Scope
from interlock.asl.state import State
from interlock.asl.values import MAX_BYTES, Json, Object, size_of


@dataclass(frozen=True)
class Stage:
    """One stage of the data flow: the field that made it, and the value after it."""

    name: str
    value: Json


@dataclass(frozen=True)
class Exit:
    """What a state hands on: its output, and the variables that it assigned."""

    output: Json
    assigned: Object


@dataclass
class Trace:
    """Collects the stages while they happen."""

    stages: list[Stage] = field(default_factory=list[Stage])
    items: int | None = None
    """How many items a Map has."""

    def note(self, name: str, value: Json) -> Json:
        """Add a stage; its value, for the next one."""
        self.stages.append(Stage(name, value))
        return value


def enter(state: State, raw: Json, scope: Scope, trace: Trace | None = None) -> Json:
    """The effective input: after InputPath and Parameters, or after Arguments.

    A Map's Parameters are its older ItemSelector, so they wait for the items.

    Raises:
        StatesError: States.Runtime, States.IntrinsicFailure or States.QueryEvaluationError.
    """
    notes = trace or Trace()
    if state.jsonata:
        if "Arguments" not in state.fields:
            return raw
        return notes.note(
            "Arguments", query.render(state.fields["Arguments"], query.states_of(raw, scope), scope, "Arguments")
        )
    data = raw
    if "InputPath" in state.fields:
        data = notes.note("InputPath", _filtered(state.fields["InputPath"], raw, scope, "InputPath"))
    if "Parameters" in state.fields and state.kind != "Map":
        data = notes.note("Parameters", templates.render(state.fields["Parameters"], data, scope))
    return data


def leave(state: State, raw: Json, result: Json, scope: Scope, trace: Trace | None = None) -> Exit:
    """What a Task, a Parallel, a Map or a Pass hands on, once it has its result.

    JSONPath: ResultSelector, Assign, ResultPath, OutputPath. JSONata: Output and Assign, each from the values before.

    Raises:
        StatesError: as for `enter`, and States.ResultPathMatchFailure.
    """
    notes = trace or Trace()
    if state.jsonata:
        more: Object = {} if state.kind == "Pass" else {"result": result}
        return _jsonata_exit(state.fields, result, query.states_of(raw, scope, **more), scope, notes)
    if "ResultSelector" in state.fields:
        result = notes.note("ResultSelector", templates.render(state.fields["ResultSelector"], result, scope))
    assigned = _assign(state.fields, result, scope, notes)
    output = raw
    path = state.fields.get("ResultPath", "$")
    output = select.put(path if isinstance(path, str) else None, raw, result)
    if "ResultPath" in state.fields:
        notes.note("ResultPath", output)
    return Exit(_output_path(state, output, scope, notes), assigned)


def pass_on(
    state: State, raw: Json, effective: Json, scope: Scope, fields: Object | None = None, trace: Trace | None = None
) -> Exit:
    """What a Choice, a Wait or a Succeed hands on.

    Args:
        state: the state.
        raw: its input.
        effective: its input after InputPath.
        scope: context and variables.
        fields: where Assign and Output stand: a Choice's rule that matched; the state's own where None.
        trace: collects the stages.
    """
    notes = trace or Trace()
    own = state.fields if fields is None else fields
    if state.jsonata:
        return _jsonata_exit(own, raw, query.states_of(raw, scope), scope, notes)
    assigned = _assign(own, effective, scope, notes)
    return Exit(_output_path(state, effective, scope, notes), assigned)


def pass_result(state: State, effective: Json) -> Json:
    """The result of a Pass: its Result as it is written, keys with `.$` too, or its effective input."""
    return state.fields["Result"] if "Result" in state.fields and not state.jsonata else effective


def catch(
    state: State, catcher: Object, raw: Json, failure: errors.StatesError, scope: Scope, trace: Trace | None = None
) -> Exit:
    """What a state hands on to the Next of a Catch that matched.

    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-fallback-states
    """
    notes = trace or Trace()
    caught: Object = {"Error": failure.error, "Cause": failure.cause}
    if state.jsonata:
        return _jsonata_exit(catcher, caught, query.states_of(raw, scope, errorOutput=caught), scope, notes)
    assigned = _assign(catcher, caught, scope, notes)
    path = catcher.get("ResultPath", "$")
    output = select.put(path if isinstance(path, str) else None, raw, caught)
    return Exit(notes.note("ResultPath", output), assigned)


def check_size(name: str, value: Json, max_bytes: int = MAX_BYTES) -> None:
    """Refuse a value above the size that a state may take or hand on.

    Raises:
        StatesError: States.DataLimitExceeded.
    """
    if size_of(value) > max_bytes:
        raise errors.too_large(name)


def _jsonata_exit(fields: Object, default: Json, states: Object, scope: Scope, notes: Trace) -> Exit:
    output = default
    if "Output" in fields:
        output = notes.note("Output", query.render(fields["Output"], states, scope, "Output"))
    assigned: Object = {}
    if "Assign" in fields:
        assigned = _object(notes.note("Assign", query.render(fields["Assign"], states, scope, "Assign")))
    return Exit(output, assigned)


def _assign(fields: Object, data: Json, scope: Scope, notes: Trace) -> Object:
    """All values are computed from the variables as they were before."""
    if "Assign" not in fields:
        return {}
    return _object(notes.note("Assign", templates.render(fields["Assign"], data, scope)))


def _object(value: Json) -> Object:
    return value if isinstance(value, dict) else {}


def _filtered(path: Json, data: Json, scope: Scope, field: str) -> Json:
    """InputPath and OutputPath: null gives an empty object."""
    if path is None:
        return {}
    if not isinstance(path, str):
        raise errors.runtime(f"{field} must be a path or null")
    try:
        return select.read(path, data, scope)
    except select.Absent as absent:
        raise errors.runtime(f"Invalid path '{path}': No results for path: {path}") from absent


def _output_path(state: State, output: Json, scope: Scope, notes: Trace) -> Json:
    if "OutputPath" not in state.fields:
        return output
    return notes.note("OutputPath", _filtered(state.fields["OutputPath"], output, scope, "OutputPath"))
