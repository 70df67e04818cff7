"""The template of a version as it is deployed where the deployment has no network of its own."""

import json
from typing import Any, cast

from interlock.compiler.template import version_template
from interlock.compiler.version_plan import VersionPlan

NOTHING = {"Ref": "AWS::NoValue"}


def version_without_network(plan: VersionPlan) -> str:
    """The template's JSON, with the condition `HasSubnets` resolved (tests/infra/test_network.py has the other way)."""
    return json.dumps(_resolved(json.loads(version_template(plan))))


def _resolved(value: Any) -> Any:
    match value:
        case {"Fn::If": ["HasSubnets", _, off]}:
            return _resolved(off)
        case {"Fn::If": _}:
            return value
        case dict():
            rows = {key: _resolved(row) for key, row in cast(dict[str, Any], value).items()}
            return {key: row for key, row in rows.items() if row != NOTHING}
        case list():
            items = [_resolved(row) for row in cast(list[Any], value)]
            return [row for row in items if row != NOTHING]
        case _:
            return value
