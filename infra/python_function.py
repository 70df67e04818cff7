"""The one construct for a Python function of the platform: code, layer, role with literal permissions, log group."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.capacity import reserved
from infra.roles import Allow, role
from infra.rules import CLOCK_AGE, letters_of_rules
from infra.target import DeployTarget
from interlock.contract.core.settings import Settings

SENDS_TO_ITSELF = frozenset({"start_run", "send_webhook", "send_alert"})
"""The functions that put messages on the queue that calls them. What waits goes round more often than the 16 times
after which Lambda would end it. Each chain has an end of its own: `MAX_DEFERRALS`, the pages of a replay, the receives
of an alert.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"""
PATH_OF_A_RUN = frozenset(
    {"approve", "converse", "finish_run", "gate", "pause", "platform_step", "runtime_api", "start_run"}
)
"""The functions that no tracer slows down: a run's trace is made of its records, at its end (ADR 0026)."""


class PythonFunction(Construct):
    """A function `functions/NAME/handler.py`, called `interlock-NAME` in AWS."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        target: DeployTarget,
        code: str,
        layer: lambda_.ILayerVersion,
        settings: Settings | None = None,
        allow: Sequence[Allow] = (),
        memory_mb: int = 256,
        timeout_s: int = 30,
        clock: bool = False,
    ) -> None:
        """Make the function.

        Args:
            scope: the stack.
            name: the folder below functions/.
            target: AWS or the embedded engine.
            code: the folder of the platform's code.
            layer: its dependencies.
            settings: what its environment says.
            allow: what its role may do beside its own logs and traces.
            memory_mb: memory.
            timeout_s: timeout in seconds.
            clock: whether a schedule calls it; what fails three times is kept then, where an alarm looks.
        """
        super().__init__(scope, name.title().replace("_", ""))
        physical = f"interlock-{name.replace('_', '-')}"
        group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/lambda/{physical}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        traced = name not in PATH_OF_A_RUN
        own = [Allow(["logs:CreateLogStream", "logs:PutLogEvents"], [group.log_group_arn])]
        traces = [Allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])] if traced else []
        letters = letters_of_rules(self) if clock else None
        keeps = [Allow(["sqs:SendMessage"], [letters.queue_arn])] if letters else []
        self.role = role(self, "Role", physical, "lambda", [*own, *traces, *keeps, *allow])
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=physical,
            runtime=lambda_.Runtime(target.runtime, lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.ARM_64 if target.architecture == "arm64" else lambda_.Architecture.X86_64,
            handler=f"functions.{name}.handler.handler",
            code=lambda_.Code.from_asset(code),
            layers=[layer],
            role=self.role.without_policy_updates(),
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_s),
            environment={**(settings.environment() if settings else {}), **target.environment},
            log_group=group,
            tracing=lambda_.Tracing.ACTIVE if traced else lambda_.Tracing.PASS_THROUGH,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if name in SENDS_TO_ITSELF else None,
            reserved_concurrent_executions=reserved(self.node, target, name),
            on_failure=destinations.SqsDestination(letters) if letters else None,
            max_event_age=CLOCK_AGE if letters else None,
        )

    @property
    def arn(self) -> str:
        """The function's ARN."""
        return self.function.function_arn
