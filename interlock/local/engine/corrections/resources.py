"""AWS: a policy names the rule of PutTargets, the schedule in its own group, and `alarm:*` for a list of alarms.

The emulator: it asks for any rule (it looks for `RuleName`), for a schedule of the group `default`, and for `*`.
"""

from __future__ import annotations

from .edit import Correction, Edit

_ACTIONS = "ministack.core.iam_actions"

RESOURCES = Correction(
    name="resources",
    aws="PutTargets is checked on rule/BUS/NAME, CreateSchedule on schedule/GROUP/NAME, DescribeAlarms on alarm:*",
    emulator="PutTargets and DescribeAlarms on `*`, CreateSchedule on schedule/default/NAME",
    edits=(
        Edit(
            _ACTIONS,
            """        name = _safe_json_field(body, "Name") or _safe_json_field(body, "RuleName")
        bus = _safe_json_field(body, "EventBusName") or "default"
""",
            """        name = _safe_json_field(body, "Name") or _safe_json_field(body, "Rule")
        bus = _safe_json_field(body, "EventBusName") or "default"
""",
        ),
        Edit(
            _ACTIONS,
            """                return f"arn:aws:scheduler:{region}:{account_id}:schedule/default/{parts[si + 1]}"
""",
            """                group = _safe_json_field(body, "GroupName")
                group = group or _query_param(query_params, "groupName") or "default"
                return f"arn:aws:scheduler:{region}:{account_id}:schedule/{group}/{parts[si + 1]}"
""",
        ),
        Edit(
            _ACTIONS,
            """            return "*"  # Metrics don't have individual ARNs
        return "*"
""",
            """            return "*"  # Metrics don't have individual ARNs
        return f"arn:aws:cloudwatch:{region}:{account_id}:alarm:*"
""",
        ),
    ),
)
