"""The clock of usage: rolls days up, weighs state, looks at budgets."""

from aws_cdk import Duration
from aws_cdk import aws_events as events

from infra.core import Core
from infra.python_function import PythonFunction
from infra.roles import Allow
from infra.rules import to_clock
from interlock.contract.core.settings import UsageSettings

HOURS = 1


class UsageClock:
    """`interlock-roll-up-usage`, each hour."""

    def __init__(self, control: Core) -> None:
        """Make it."""
        foundation = control.foundation
        registry, runs, data = foundation.registry, foundation.runs, foundation.data
        clock = PythonFunction(
            control,
            "roll_up_usage",
            **control.common,
            settings=UsageSettings(
                runs_table=runs.table_name, registry_table=registry.table_name, data_bucket=data.bucket_name
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], [runs.table_arn, registry.table_arn]),
                Allow(["dynamodb:Query"], [f"{registry.table_arn}/index/gsi1"]),
                Allow(["s3:ListBucket"], [data.bucket_arn], {"StringLike": {"s3:prefix": "tenants/*"}}),
                Allow(["events:PutEvents"], [control.arn("events", "event-bus/interlock-*")]),
            ],
            timeout_s=900,
            clock=True,
        )
        events.Rule(
            control,
            "UsageHours",
            schedule=events.Schedule.rate(Duration.hours(HOURS)),
            targets=[to_clock(clock.function)],
        )
