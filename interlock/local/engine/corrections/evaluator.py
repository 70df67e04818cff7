"""AWS evaluates states as `interlock.asl` does: paths, intrinsics, rules, data flow, variables, JSONata, size limits.

The emulator: an evaluator of its own, for which a path to nothing is null, half of Choice's `...Path` operators are
false, filters and slices are null, a Map runs over an object, and States.ALL catches States.Runtime. What each of these
is on AWS, and what upstream should mend, is in docs/adr/0022.
"""

from __future__ import annotations

from .edit import Correction, Edit

_STATES = "ministack.services.stepfunctions"

EVALUATOR = Correction(
    name="evaluator",
    aws="paths, intrinsics, choice rules, data flow, variables and JSONata by the rules of interlock.asl",
    emulator="an evaluator of its own that differs in about a fifth of what AWS was recorded to do",
    edits=(
        Edit(
            _STATES,
            "def reset():\n",
            f"from {__package__}.seam import bind as _interlock_bind\n\n_interlock_bind(globals())\n\n\ndef reset():\n",
        ),
        Edit(
            _STATES,
            """            effective = _apply_parameters(state_def, _apply_input_path(state_def, raw_input, ctx), ctx)
        try:
            if query_language == "JSONata":
                effective = _apply_jsonata_arguments(state_def, raw_input, ctx)
""",
            """            # Retry and Catch see what fails here too.
            effective = None
        try:
            effective = _interlock_enter(state_def, raw_input, ctx)
""",
        ),
        Edit(
            _STATES,
            """            if query_language == "JSONata":
                output = _apply_jsonata_output(
                    state_def,
                    raw_input,
                    ctx,
                    result=task_result,
                    default=task_result,
                )
                # Task `Assign` sees `$states.result` = raw API result (per
                # AWS), not the post-Output transformed value.
                _apply_state_assign(state_def, raw_input, ctx, result=task_result)
            else:
                result = _apply_result_selector(state_def, task_result)
                output = _apply_result_path(state_def, raw_input, result)
                output = _apply_output_path(state_def, output, ctx)
            return output, _next_or_end(state_def)
""",
            """            return _interlock_leave(state_def, raw_input, task_result, ctx), _next_or_end(state_def)
""",
        ),
        Edit(
            _STATES,
            """    effective = _apply_input_path(state_def, raw_input, ctx)
    effective = _apply_parameters(state_def, effective, ctx)

    branches =""",
            """    effective = _interlock_enter(state_def, raw_input, ctx)

    branches =""",
        ),
        Edit(
            _STATES,
            """                "States.BranchFailed", str(err))

    result = _apply_result_selector(state_def, results)
    output = _apply_result_path(state_def, raw_input, result)
    output = _apply_output_path(state_def, output, ctx)
    return output, _next_or_end(state_def)
""",
            """                "States.BranchFailed", str(err))

    return _interlock_leave(state_def, raw_input, results, ctx), _next_or_end(state_def)
""",
        ),
        Edit(
            _STATES,
            """    effective = _apply_input_path(state_def, raw_input, ctx)
    is_jsonata = _state_query_language(state_def, ctx) == "JSONata"

    if is_jsonata and "Items" in state_def:
        items = _jsonata_state_field(state_def, "Items", "array", raw_input, ctx)
    else:
        items = _resolve_path_or_ctx(state_def.get("ItemsPath", "$"), effective, ctx)
    if not isinstance(items, list):
        items = [items]
""",
            """    effective, items, max_conc = _interlock_items(state_def, raw_input, ctx)
""",
        ),
        Edit(
            _STATES,
            """    max_conc = state_def.get("MaxConcurrency", 0)
    if is_jsonata and "MaxConcurrency" in state_def:
        max_conc = _jsonata_state_field(state_def, "MaxConcurrency", "number", raw_input, ctx)

""",
            "",
        ),
        Edit(
            _STATES,
            """            item_params = state_def.get("ItemSelector") or state_def.get("Parameters")
            if not item_params:
                item_input = item
            elif is_jsonata:
                # $states.context.Map.Item.Value provides the item.
                item_input = _apply_jsonata_template(item_params, raw_input, item_ctx)
            else:
                # ItemSelector $ paths resolve against the Map state's effective input,
                # not the individual item. $$.Map.Item.Value provides the item.
                item_input = _resolve_params_obj(item_params, effective, item_ctx)
""",
            """            item_input = _interlock_item(state_def, raw_input, effective, item, item_ctx)
""",
        ),
        Edit(
            _STATES,
            """    if is_jsonata:
        output = _apply_jsonata_output(state_def, raw_input, ctx, result=results, default=results)
        _apply_state_assign(state_def, raw_input, ctx, result=results)
        return output, _next_or_end(state_def)

    result = _apply_result_selector(state_def, results)
    output = _apply_result_path(state_def, raw_input, result)
    output = _apply_output_path(state_def, output, ctx)
    return output, _next_or_end(state_def)
""",
            """    return _interlock_leave(state_def, raw_input, results, ctx), _next_or_end(state_def)
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
    ),
)
