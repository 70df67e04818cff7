"""What a change of an app's releases means for its installs: each follows its channel, page by page."""

from interlock.aws.services import step_functions
from interlock.contract.core import names
from interlock.contract.core.limits import SFN_NAME_CHARS
from interlock.contract.registry import InstallStatus
from interlock.control.installs.context import InstallContext
from interlock.control.installs.upgrade import follow

PAGE = 25
"""Installs of a page: each may cost an item and an execution (Step Functions starts 300 a second)."""


def begin_rollout(context: InstallContext, app: str) -> None:
    """Begin to have every install of an app follow its channel."""
    name = f"{app.replace('/', '-')}-{names.ulid()}"[-SFN_NAME_CHARS:]
    step_functions.start(context.machines.rollout, name, {"app": app, "cursor": ""})


def roll_out(context: InstallContext, app: str, cursor: str | None) -> str | None:
    """Have one page of an app's installs follow their channels.

    Returns:
        Where the next page begins; None after the last.
    """
    page, following = context.registry.installs_of_app(app, PAGE, cursor)
    for install in page:
        if install.status is InstallStatus.ACTIVE:
            follow(context, install)
    return following
