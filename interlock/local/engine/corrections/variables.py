"""AWS: Assign works in JSONPath too, `$name` reads it back; Parallel and Succeed take JSONata's fields.

The emulator: JSONPath states ignore Assign and read `$name` as null, and JSONata's Arguments, Output
and Assign are ignored on Parallel, Output on Succeed.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

_HELPERS = '''
_interlock_variables: contextvars.ContextVar = contextvars.ContextVar("interlock_variables", default=None)
_INTERLOCK_VARIABLE = re.compile(r"\\$([A-Za-z_][A-Za-z0-9_]*)")


def _interlock_variable(path):
    """The value of a path that begins with a variable, as a one-item tuple; None for any other path."""
    match = _INTERLOCK_VARIABLE.match(path)
    if match is None or _interlock_variables.get() is None:
        return None
    variables = _interlock_variables.get()
    if match[1] not in variables:
        raise _ExecutionError("States.Runtime", f"The variable '{match[1]}' is not defined")
    return (_resolve_path("$" + path[match.end():], variables[match[1]]),)


'''

VARIABLES = Correction(
    name="variables",
    aws="workflow variables in both query languages; JSONata fields on every state type",
    emulator="JSONPath Assign, and JSONata's fields of Parallel and Succeed, are ignored",
    edits=(
        Edit(
            _STATES,
            """def _resolve_path(path, data):
    if path == "$" or not path:
        return data
    if not path.startswith("$"):
        return data
""",
            _HELPERS.lstrip("\n")
            + """def _resolve_path(path, data):
    if path == "$" or not path:
        return data
    if not path.startswith("$"):
        return data
    variable = _interlock_variable(path)
    if variable is not None:
        return variable[0]
""",
        ),
        Edit(
            _STATES,
            """            ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}
            state_type = state_def.get("Type")
""",
            """            ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}
            _interlock_variables.set(ctx["variables"])
            state_type = state_def.get("Type")
""",
        ),
        Edit(
            _STATES,
            """        state_type = state_def.get("Type")
        ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}
""",
            """        state_type = state_def.get("Type")
        _interlock_variables.set(ctx.setdefault("variables", {}))
        ctx["State"] = {"Name": current_name, "EnteredTime": now_iso(), "RetryCount": 0}
""",
        ),
        Edit(
            _STATES,
            """    if _state_query_language(state_def, ctx) != "JSONata":
        return
    assign = state_def.get("Assign")
    if not isinstance(assign, dict):
        return
    variables = ctx.setdefault("variables", {})
    for name, template in assign.items():
        variables[name] = _apply_jsonata_template(
            template, raw_input, ctx,
            result=result, error_output=error_output,
        )
""",
            """    assign = state_def.get("Assign")
    if not isinstance(assign, dict):
        return
    variables = ctx.setdefault("variables", {})
    if _state_query_language(state_def, ctx) != "JSONata":
        data = error_output if error_output is not None else raw_input if result is None else result
        variables.update(_resolve_params_obj(assign, data, ctx))
        return
    # All expressions see the values from before this Assign.
    values = {
        name: _apply_jsonata_template(template, raw_input, ctx, result=result, error_output=error_output)
        for name, template in assign.items()
    }
    variables.update(values)
""",
        ),
        Edit(
            _STATES,
            """    result = state_def.get("Result", effective)
    result = _apply_result_selector(state_def, result)
""",
            """    result = state_def.get("Result", effective)
    result = _apply_result_selector(state_def, result)
    _apply_state_assign(state_def, effective, ctx, result=result)
""",
        ),
        Edit(
            _STATES,
            """            else:
                result = _apply_result_selector(state_def, task_result)
                output = _apply_result_path(state_def, raw_input, result)
                output = _apply_output_path(state_def, output, ctx)
            return output, _next_or_end(state_def)

        except _ExecutionError as err:
""",
            """            else:
                result = _apply_result_selector(state_def, task_result)
                _apply_state_assign(state_def, result, ctx)
                output = _apply_result_path(state_def, raw_input, result)
                output = _apply_output_path(state_def, output, ctx)
            return output, _next_or_end(state_def)

        except _ExecutionError as err:
""",
        ),
        Edit(
            _STATES,
            """        if _evaluate_rule(choice, effective, ctx):
            return""",
            """        if _evaluate_rule(choice, effective, ctx):
            _apply_state_assign(choice, effective, ctx)
            return""",
        ),
        Edit(
            _STATES,
            """    if default:
        return _apply_output_path(state_def, effective, ctx), default

    raise""",
            """    if default:
        _apply_state_assign(state_def, effective, ctx)
        return _apply_output_path(state_def, effective, ctx), default

    raise""",
        ),
        Edit(
            _STATES,
            """    output = _apply_output_path(state_def, effective, ctx)
    return output, _next_or_end(state_def)


def _jsonata_wait_seconds""",
            """    _apply_state_assign(state_def, effective, ctx)
    output = _apply_output_path(state_def, effective, ctx)
    return output, _next_or_end(state_def)


def _jsonata_wait_seconds""",
        ),
        Edit(
            _STATES,
            """                _apply_state_assign(choice, raw_input, ctx)
                return output""",
            """                _apply_state_assign({**choice, "QueryLanguage": "JSONata"}, raw_input, ctx)
                return output""",
        ),
        Edit(
            _STATES,
            """    if query_language == "JSONata":
        # Catch handlers can also carry `Assign`. `$states.errorOutput`
        # is available here; `$states.result` is not (per AWS).
        _apply_state_assign(catcher, raw_input, ctx, error_output=error_output)
""",
            """    # A catcher speaks its state's language, which may not be the machine's.
    _apply_state_assign({**catcher, "QueryLanguage": query_language}, raw_input, ctx, error_output=error_output)
""",
        ),
        Edit(
            _STATES,
            """    effective = _apply_input_path(state_def, raw_input, ctx)
    effective = _apply_parameters(state_def, effective, ctx)

    branches =""",
            """    jsonata_state = _state_query_language(state_def, ctx) == "JSONata"
    if jsonata_state:
        effective = _apply_jsonata_arguments(state_def, raw_input, ctx)
    else:
        effective = _apply_parameters(state_def, _apply_input_path(state_def, raw_input, ctx), ctx)

    branches =""",
        ),
        Edit(
            _STATES,
            """                "States.BranchFailed", str(err))

    result = _apply_result_selector(state_def, results)
""",
            """                "States.BranchFailed", str(err))

    if jsonata_state:
        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)
    result = _apply_result_selector(state_def, results)
    _apply_state_assign(state_def, result, ctx)
""",
        ),
        Edit(
            _STATES,
            """        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)

    result = _apply_result_selector(state_def, results)
""",
            """        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)

    result = _apply_result_selector(state_def, results)
    _apply_state_assign(state_def, result, ctx)
""",
        ),
        Edit(
            _STATES,
            """    current_name = start_at
    current_input = copy.deepcopy(input_data)
""",
            """    current_name = start_at
    current_input = copy.deepcopy(input_data)
    ctx["variables"] = copy.deepcopy(ctx.get("variables") or {})
""",
        ),
        Edit(
            _STATES,
            """def _apply_output_path(state_def, data, ctx=None):
    op = state_def""",
            """def _apply_output_path(state_def, data, ctx=None):
    if state_def.get("Type") == "Succeed" and _state_query_language(state_def, ctx) == "JSONata":
        return _apply_jsonata_output(state_def, data, ctx, default=data)
    op = state_def""",
        ),
    ),
)
