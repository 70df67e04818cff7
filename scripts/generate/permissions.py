"""Writes docs/permissions.md: what every role of the platform may do, and what uses it.

`python -m scripts.generate.permissions` synthesises the stacks for AWS (some seconds, which is why it is apart from
`scripts.generate.docs`); `tests/infra/test_permissions.py` fails while the page is out of date.
"""

import re
import sys
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from tests.support.every_state_bundle import plan
from tests.support.iam import World
from tests.support.permissions import Use, uses
from tests.support.stacks import synth

PAGE = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
USERS = 4
"""Of an action that more modules use, so many are named."""
PLAIN = (("us-east-1", "REGION"), ("123456789012", "ACCOUNT"), ("arn:aws:", "arn:PARTITION:"))
HEAD = """# Permissions

<!-- Written by `python -m scripts.generate.permissions` from the templates and the source. Do not edit. -->

What every role of the platform may do, on which resource, and what uses it: {uses} uses of {roles} roles and
boundaries. A test fails for a role's action that nothing uses (`tests/infra/test_permissions.py`).

- A function's role: modules whose code calls the action and forms the resource's name, as the source says it; or Lambda
  itself, for the log, the traces and the queue or stream that is mapped to the function.
- A state machine's role: the definitions whose Tasks call it.
- A role that CloudFormation takes: the resource types whose handlers call the action by AWS's own resource schemas
  (`tests/support/resource_schemas.py` has the reviewed exceptions).
- A tenant's access role: the scopes whose sessions hold the action. A boundary: the roles under it.

The source does not tell which items of a table a call is for: where one function uses two tables, an action on each of
them counts as used.
"""


def permissions_page(rows: Iterable[Use]) -> str:
    """docs/permissions.md."""
    table = sorted(rows)
    lines = [HEAD.format(uses=len(table), roles=len({row.role for row in table}))]
    for role, group in groupby(table, lambda row: row.role):
        lines += [f"## {role}", "", "| action | resource | used by |", "|---|---|---|"]
        lines += [f"| `{row.action}` | `{_plain(row.resource)}` | {_users(row.users)} |" for row in group]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _plain(resource: str) -> str:
    for value, word in PLAIN:
        resource = resource.replace(value, word)
    return re.sub(r"(?<=[a-z])[0-9A-F]{8}\b", "", resource)


def _users(users: tuple[str, ...]) -> str:
    more = " and others" if len(users) > USERS else ""
    return ", ".join(f"`{_module(user)}`" if "." in user else user for user in users[:USERS]) + more


def _module(user: str) -> str:
    return user.removeprefix("interlock.")


def main() -> int:
    """Write the page.

    Returns:
        0.
    """
    with tempfile.TemporaryDirectory(prefix="interlock-permissions-") as folder:
        templates = synth("aws", Path(folder))
    PAGE.write_text(permissions_page(uses(World(*templates.values()), plan())))
    sys.stdout.write(f"wrote {PAGE.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
