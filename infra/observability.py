"""Observability: what the platform promises, watched. On AWS only: the embedded engine has no metrics of functions.

Promise                                                       alarm
what is sent is delivered                                     a dead-letter queue holds a message; that of starts, which
                                                              empties itself into dead letters, for 5 minutes
what cannot start is seen                                     10 dead letters are kept within a minute
an event becomes a run in seconds                             the oldest start message is older than 60 s; the objective
                                                              of 99 % within 5 s is missed too fast
every step passes                                             faults of the gate itself (a step that fails is none), or
                                                              throttles of it
a run's end is known                                          the oldest message of ended executions is older than 60 s
an upload becomes a version or a report of findings           failed executions of publish and onboard
a change becomes an event                                     the oldest change of a stream is older than 60 s
a workflow of the platform ends well                          a failed execution of it
a function works                                              3 errors of it within a minute
a clock looks at everything that is due                       something that it could not look at
nobody waits for capacity                                     throttles of Lambda, or of a table; four fifths of the
                                                              account's concurrency are in use
the API answers                                               5xx of the HTTP API
"""

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_xray as xray
from constructs import Construct

from infra.capacity import CONTEXT
from infra.control import Control
from infra.events import Events
from infra.foundation import RETAINED
from infra.python_function import PythonFunction
from infra.roles import DeploymentStack
from interlock.contract.alarm import PREFIX
from interlock.contract.dead_letter import KEPT
from interlock.contract.trace import SERVICE

FUNCTIONS = Path(__file__).parent.parent / "functions"
START_MS, START_PERCENT = 5_000, 99.0
"""The objective: of the starts that have room, so many begin within so many milliseconds, over 28 days."""
BURN_RATES = {"fast": (14.4, Duration.hours(1)), "slow": (6.0, Duration.hours(6))}
"""How much faster than allowed the objective's budget is spent, and for how long, until somebody is called: 2 % of it
in an hour, 5 % in six (https://sre.google/workbook/alerting-on-slos/, table 5-8)."""
CONCURRENCY, BUSY = 1_000, 0.8
"""Concurrent executions of an account, where `-c interlock:concurrency` does not say, and the share that rings.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#compute-and-storage"""
LATE_SECONDS = 60
LATE_MS = LATE_SECONDS * 1_000
UNDRAINED_SECONDS = 300
MANY_LETTERS = 10
"""In a minute. One is its tenant's to see (`interlock event dead list`); many at once are the operator's."""
KEEPERS = ("start-run", "record-dead-letter", "publish-changes")
"""The functions that keep dead letters, and say so in their logs."""
MACHINES = ("install", "upgrade", "uninstall", "rollout", "publish", "onboard", "offboard")
"""The workflows of `statemachines/`."""
WATCHED = tuple(
    sorted(
        path.parent.name.replace("_", "-")
        for path in FUNCTIONS.glob("*/handler.py")
        if path.parent.name not in ("gate", "platform_step")
    )
)
"""The functions whose errors are their own. What the gate and a platform step raise is mostly a step's error."""
RUNBOOK = "docs/runbook.md"
METRICS, LETTERS, FAULTS, ENDED = "Interlock", "DeadLetters", "GateFaults", "GateEnded"
START_LATENCY, CLOCK_FAULTS = "StartLatency", "ClockFaults"
CLOCKS = ("maintain-approvals", "maintain-installs", "retry-webhooks", "roll-up-usage", "sweep-runs")
"""The functions that a schedule calls."""
MINUTE = Duration.minutes(1)


class Observability(DeploymentStack):
    """Dashboard, alarms, traces' groups."""

    def __init__(self, scope: Construct, name: str, *, events: Events, control: Control, **fields: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **fields)
        self.topic = self._topic()
        gate = control.gate.function
        late = [events.start_queue, events.finish_queue, events.log_queue, events.upload_queue, control.webhooks.queue]
        dead = {
            "ends-dead": events.finish_dead,
            "event-log-dead": events.log_dead,
            "alerts-dead": events.alert_dead,
            "uploads-dead": events.upload_dead,
            "webhooks-dead": control.webhooks.dead,
            "changes-dead": events.change_letters,
            "rules-dead": events.rule_letters,
        }
        letters = self._dead_letters()
        watched = [
            *(
                self._alarm(f"Dead {word}", _depth(queue), 1, "A message could not be served")
                for word, queue in dead.items()
            ),
            self._alarm(
                "Dead starts-dead", _age(events.start_dead), UNDRAINED_SECONDS, "record_dead_letter does not keep up"
            ),
            self._alarm("Dead letters", letters, MANY_LETTERS, "Many starts cannot be served"),
            *(
                self._alarm(f"Late {_word(queue)}", _age(queue), LATE_SECONDS, "Messages wait longer than a minute")
                for queue in late
            ),
            self._alarm("Gate faults", self._gate_faults(gate.function_name), 1, "The gate itself failed"),
            self._alarm("Late changes", _iterator_age(events.stream_function), LATE_MS, "Changes are published late"),
            self._alarm("Gate throttles", _lambda("Throttles", gate.function_name), 1, "Steps wait for concurrency"),
            self._alarm("Publish failures", self._failed("publish"), 3, "Publishing fails, for reasons of ours maybe"),
            *(
                self._alarm(f"{name.title()} failures", self._failed(name), 1, f"The workflow {name} failed")
                for name in MACHINES
                if name != "publish"
            ),
            *(
                self._alarm(f"Errors {name}", _lambda("Errors", f"interlock-{name}"), 3, "The function fails")
                for name in WATCHED
            ),
            self._alarm("Throttles", _metric("AWS/Lambda", "Throttles", {}), 1, "The account's concurrency is used up"),
            self._busy_account(),
            *self._start_objective(),
            *(
                self._alarm(
                    f"{verb} throttles {name}",
                    _metric("AWS/DynamoDB", f"{verb}ThrottleEvents", {"TableName": f"interlock-{name}"}),
                    1,
                    "DynamoDB throttles a table",
                )
                for name in ("registry", "runs")
                for verb in ("Read", "Write")
            ),
            *(
                self._alarm(
                    f"Clock {name}",
                    _metric(METRICS, CLOCK_FAULTS, {"service": f"interlock-{name}"}),
                    1,
                    "A clock could not look at what is due",
                )
                for name in CLOCKS
            ),
            self._alarm("API errors", _api_errors(control.api.api_id), 5, "The control API answers 5xx"),
        ]
        self._dashboard(watched, gate.function_name, [*late, events.start_dead, *dead.values()], letters)
        run = f'service("{SERVICE}")'
        for word, expression in (
            ("interlock-runs", run),
            ("interlock-failed", f"{run} {{ fault = true }}"),
            ("interlock-slow", f"{run} AND responsetime > 60"),
        ):
            xray.CfnGroup(self, word, group_name=word, filter_expression=expression)
        CfnOutput(self, "AlarmTopic", value=self.topic.topic_arn)

    def _topic(self) -> sns.Topic:
        what = "Encrypts alarms on their way to people"
        key = kms.Key(self, "AlarmKey", enable_key_rotation=True, description=what, removal_policy=RETAINED)
        key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            )
        )
        topic = sns.Topic(self, "Alarms", topic_name="interlock-alarms", master_key=key, enforce_ssl=True)
        address = self.node.try_get_context("interlock:alarm-email")
        if address:
            topic.add_subscription(subscriptions.EmailSubscription(str(address)))
        return topic

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        threshold: float,
        text: str,
        rings: cloudwatch.ComparisonOperator = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            name.title().replace(" ", "").replace("-", ""),
            alarm_name=f"{PREFIX}{name.lower()}",
            alarm_description=f"{text}. What to do: {RUNBOOK}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=rings,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        return alarm

    def _busy_account(self) -> cloudwatch.Alarm:
        """What is reserved counts too: nobody else can have it."""
        limit = int(self.node.try_get_context(CONTEXT) or CONCURRENCY)
        metric = _metric("AWS/Lambda", "ClaimedAccountConcurrency", {}, "Maximum")
        return self._alarm("Busy account", metric, limit * BUSY, "The account's concurrency is nearly used up")

    def _start_objective(self) -> list[cloudwatch.Alarm]:
        """Alarms on how fast the objective of starts spends its budget."""
        alarms: list[cloudwatch.Alarm] = []
        for name, (rate, window) in BURN_RATES.items():
            metric = cloudwatch.Metric(
                namespace=METRICS,
                metric_name=START_LATENCY,
                dimensions_map={"service": "interlock-start-run"},
                # The share of starts up to this latency:
                # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
                statistic=f"PR(:{START_MS})",
                period=window,
            )
            least = 100 - (100 - START_PERCENT) * rate
            alarms.append(
                self._alarm(
                    f"Start objective {name}",
                    metric,
                    round(least, 1),
                    "Runs begin late",
                    cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                )
            )
        return alarms

    def _failed(self, machine: str) -> cloudwatch.Metric:
        arn = self.arn("states", f"stateMachine:interlock-{machine}")
        return _metric("AWS/States", "ExecutionsFailed", {"StateMachineArn": arn})

    def _took(self, machine: str, statistic: str) -> cloudwatch.Metric:
        """How long a workflow of the platform takes, in milliseconds, as Step Functions measures it."""
        arn = self.arn("states", f"stateMachine:interlock-{machine}")
        return _metric("AWS/States", "ExecutionTime", {"StateMachineArn": arn}, statistic)

    def _gate_faults(self, gate: str) -> cloudwatch.MathExpression:
        """What the gate counts, and what ends before it can; a step that fails is an error of the function too."""
        logs.MetricFilter(
            self,
            "GateEnded",
            log_group=logs.LogGroup.from_log_group_name(self, "GateLog", "/aws/lambda/interlock-gate"),
            filter_pattern=logs.FilterPattern.any_term("Task timed out", "Runtime.ExitError", "Runtime.OutOfMemory"),
            metric_namespace=METRICS,
            metric_name=ENDED,
        )
        return cloudwatch.MathExpression(
            expression="FILL(faults, 0) + FILL(ended, 0)",
            using_metrics={
                "faults": _metric(METRICS, FAULTS, {"service": gate}),
                "ended": _metric(METRICS, ENDED, {}),
            },
            label="Faults of the gate",
            period=MINUTE,
        )

    def _dead_letters(self) -> cloudwatch.Metric:
        """Every letter that is kept, counted in the logs."""
        for name in KEEPERS:
            word = name.title().replace("-", "")
            logs.MetricFilter(
                self,
                f"{word}Letters",
                log_group=logs.LogGroup.from_log_group_name(self, f"{word}Log", f"/aws/lambda/interlock-{name}"),
                filter_pattern=logs.FilterPattern.literal(f'"{KEPT}"'),
                metric_namespace=METRICS,
                metric_name=LETTERS,
            )
        return _metric(METRICS, LETTERS, {})

    def _dashboard(
        self,
        alarms: Sequence[cloudwatch.Alarm],
        gate: str,
        queues: Sequence[sqs.Queue],
        letters: cloudwatch.Metric,
    ) -> None:
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name="interlock")
        board.add_widgets(cloudwatch.AlarmStatusWidget(title="Promises", alarms=list(alarms), width=24))
        durations = [_lambda("Duration", gate, statistic) for statistic in ("p50", "p99")]
        board.add_widgets(
            cloudwatch.GraphWidget(title="Steps", left=[_lambda("Invocations", gate)], right=durations, width=12),
            cloudwatch.GraphWidget(
                title="Workflows of the platform",
                left=[self._took(machine, "p99") for machine in MACHINES],
                width=12,
            ),
            cloudwatch.GraphWidget(title="Queues", left=[_depth(queue) for queue in queues], right=[letters], width=12),
        )


def _metric(namespace: str, name: str, dimensions: dict[str, str], statistic: str = "Sum") -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace, metric_name=name, dimensions_map=dimensions, statistic=statistic, period=MINUTE
    )


def _lambda(name: str, function: str, statistic: str = "Sum") -> cloudwatch.Metric:
    return _metric("AWS/Lambda", name, {"FunctionName": function}, statistic)


def _word(queue: sqs.Queue) -> str:
    """A queue's name less the platform's prefix."""
    return queue.node.id if queue.node.id != "Queue" else "webhooks"


def _iterator_age(function: PythonFunction) -> cloudwatch.Metric:
    return _lambda("IteratorAge", function.function.function_name, "Maximum")


def _depth(queue: sqs.Queue) -> cloudwatch.Metric:
    fields = {"QueueName": queue.queue_name}
    return _metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", fields, "Maximum")


def _age(queue: sqs.Queue) -> cloudwatch.Metric:
    return _metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue.queue_name}, "Maximum")


def _api_errors(api: str) -> cloudwatch.Metric:
    return _metric("AWS/ApiGateway", "5xx", {"ApiId": api})
