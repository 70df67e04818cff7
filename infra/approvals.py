"""Approvals: the callback that the platform's own workflows ask with, and the clock of every approval."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from infra.core import Core
from infra.python_function import PythonFunction
from infra.roles import Allow
from infra.rules import to_clock
from interlock.contract.core.settings import ApproveSettings

TEND_MINUTES = 1


class Approvals(Construct):
    """The functions `approve` and `maintain_approvals`."""

    def __init__(self, core: Core) -> None:
        """Make the functions.

        Args:
            core: the control stack.
        """
        super().__init__(core, "Approvals")
        runs = core.foundation.runs
        settings = ApproveSettings(runs_table=runs.table_name)
        # A task token names no resource: these two actions are granted on all or on none.
        tells = Allow(["states:SendTaskSuccess", "states:SendTaskFailure"], ["*"])
        items = Allow([f"dynamodb:{verb}" for verb in ("GetItem", "PutItem", "DeleteItem", "Query")], [runs.table_arn])
        self.ask = PythonFunction(self, "approve", **core.common, settings=settings, allow=[items, tells])
        hears = Allow(["events:PutEvents"], [core.arn("events", "event-bus/interlock-*")])
        clock = PythonFunction(
            self,
            "maintain_approvals",
            **core.common,
            settings=settings,
            allow=[items, tells, hears],
            timeout_s=300,
            clock=True,
        )
        events.Rule(
            self,
            "Tend",
            schedule=events.Schedule.rate(Duration.minutes(TEND_MINUTES)),
            targets=[to_clock(clock.function)],
        )
