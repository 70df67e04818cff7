"""Events: the one way in (queue of starts) and the one way out (queue of ended executions), and the changes' stream."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.capacity import trace_rate
from infra.dead_letters import DeadLetters
from infra.foundation import Foundation
from infra.layers import platform_layer
from infra.python_function import PythonFunction
from infra.roles import Allow, role
from infra.rules import to_clock, to_queue
from interlock.contract.alert import ALERTERS
from interlock.contract.core import limits, names
from interlock.contract.core.settings import (
    AlertSettings,
    EventLogSettings,
    FinishSettings,
    StartSettings,
    StreamSettings,
)
from interlock.contract.webhook import SENDER_SECONDS

RECEIVES = limits.START_RECEIVES
"""Deliveries before a message goes to the dead-letter queue."""
ALERT_RECEIVES = 8
"""A webhook is tried for about five hours (control.alerts.wait_seconds)."""
SWEEP_MINUTES = 5


class Events(Stack):
    """Queues, starters, finishers."""

    def __init__(self, scope: Construct, name: str, *, foundation: Foundation, **fields: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **fields)
        self.foundation = foundation
        layer = platform_layer(self, foundation.target)
        common = {"target": foundation.target, "code": foundation.code, "layer": layer}
        self.start_queue, self.start_dead = self._queue("starts", timeout_s=180)
        self.finish_queue, self.finish_dead = self._queue("ends", timeout_s=360)
        self.log_queue, self.log_dead = self._queue("event-log", timeout_s=180)
        self.alert_queue, self.alert_dead = self._queue("alerts", timeout_s=180, receives=ALERT_RECEIVES)
        self.upload_queue, self.upload_dead = self._queue("uploads", timeout_s=180)
        self.change_letters = self._dead_queue("changes-dead")
        self.rule_letters = self._dead_queue(names.RULE_LETTERS.removeprefix("interlock-"))
        machines = f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:"
        executions = f"arn:{self.partition}:states:{self.region}:{self.account}:execution:interlock-v-*"
        runs, registry = foundation.runs, foundation.registry
        bodies = Allow(["s3:GetObject", "s3:PutObject"], [foundation.data.arn_for_objects("runs/*")])
        writes = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
        buses = Allow(
            ["events:PutEvents"], [f"arn:{self.partition}:events:{self.region}:{self.account}:event-bus/interlock-*"]
        )
        # By its name: the gate belongs to a stack that is made after this one.
        gate = f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:interlock-gate"
        start = PythonFunction(
            self,
            "start_run",
            **common,
            settings=StartSettings(
                runs_table=runs.table_name,
                registry_table=registry.table_name,
                data_bucket=foundation.data.bucket_name,
                artifact_bucket=foundation.artifacts.bucket_name,
                machine_prefix=machines,
                start_queue=self.start_queue.queue_url,
                signing_key=foundation.signing_key.key_arn,
                gate=gate,
                alert_queue=self.alert_queue.queue_url,
            ),
            allow=[
                Allow(["kms:GetPublicKey"], [foundation.signing_key.key_arn]),
                Allow(
                    [*writes, *(f"dynamodb:{verb}Item" for verb in ("BatchWrite", "BatchGet", "Delete", "Update"))],
                    [runs.table_arn],
                ),
                # A tenant that finds no room has its runs under way counted anew; a fork job searches failed runs.
                Allow(["dynamodb:Query"], [f"{runs.table_arn}/index/gsi{number}" for number in (3, 4, 5)]),
                Allow(["lambda:InvokeFunction"], [gate]),
                Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/workflows/*")]),
                Allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [registry.table_arn]),
                Allow(["states:StartExecution"], [f"{machines}interlock-v-*"]),
                # A start that failed comes later each time; a replay sends starts, and a message that goes on.
                Allow(
                    ["sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:SendMessage"], [self.start_queue.queue_arn]
                ),
                Allow(["sqs:SendMessage"], [self.alert_queue.queue_arn]),
                buses,
                bodies,
                self._reads(self.start_queue),
            ],
        )
        self._consume(start, self.start_queue, concurrency=10)
        DeadLetters(self, foundation, self.start_dead, layer)
        finishes = FinishSettings(
            runs_table=runs.table_name,
            registry_table=registry.table_name,
            data_bucket=foundation.data.bucket_name,
            artifact_bucket=foundation.artifacts.bucket_name,
            start_queue=self.start_queue.queue_url,
            alert_queue=self.alert_queue.queue_url,
            trace_rate=trace_rate(self.node, foundation.target),
        )
        versions = foundation.artifacts
        # Of a failed run: the last good one, the version's places and definition, and the last events of its history.
        explains = [
            Allow([*writes, "dynamodb:UpdateItem"], [runs.table_arn]),
            # The last good runs; and what is under way, where a delivery finds an end that was not settled.
            Allow(["dynamodb:Query"], [f"{runs.table_arn}/index/gsi3", f"{runs.table_arn}/index/gsi4"]),
            Allow(["dynamodb:GetItem"], [registry.table_arn]),
            Allow(
                ["s3:GetObject"],
                [
                    versions.arn_for_objects("versions/*/places.json"),
                    versions.arn_for_objects("versions/*/workflows/*"),
                ],
            ),
            Allow(["states:GetExecutionHistory"], [executions]),
            # A run of an ordering key gives its turn back, and calls the next start.
            Allow(["dynamodb:DeleteItem"], [runs.table_arn]),
            Allow(["sqs:SendMessage"], [self.alert_queue.queue_arn, self.start_queue.queue_arn]),
            bodies,
            buses,
        ]
        finish = PythonFunction(
            self,
            "finish_run",
            **common,
            settings=finishes,
            allow=[*explains, self._reads(self.finish_queue)],
            memory_mb=512,
            timeout_s=60,
        )
        self._consume(finish, self.finish_queue, concurrency=10)
        sweep = PythonFunction(
            self,
            "sweep_runs",
            **common,
            settings=finishes,
            allow=[
                *explains,
                Allow(["dynamodb:Query"], [f"{runs.table_arn}/index/gsi2"]),
                Allow(["states:DescribeExecution", "states:StopExecution"], [executions]),
                Allow(["states:ListExecutions"], [f"{machines}interlock-v-*"]),
            ],
            timeout_s=300,
            clock=True,
        )
        self._alerts(common)
        log_events = PythonFunction(
            self,
            "log_events",
            **common,
            settings=EventLogSettings(runs_table=runs.table_name, data_bucket=foundation.data.bucket_name),
            allow=[
                Allow(["dynamodb:PutItem"], [runs.table_arn]),
                Allow(["s3:PutObject"], [foundation.data.arn_for_objects("runs/*/events/*")]),
                self._reads(self.log_queue),
            ],
        )
        self._consume(log_events, self.log_queue, concurrency=5)
        streams = f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/interlock-catalog-*/stream/*"
        reads = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
        self.stream_function = PythonFunction(
            self,
            "publish_changes",
            **common,
            settings=StreamSettings(runs_table=runs.table_name, data_bucket=foundation.data.bucket_name),
            allow=[
                buses,
                Allow(reads, [streams]),
                # A change that no bus takes is a dead letter, and the shard goes on.
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [runs.table_arn]),
                Allow(["s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
                # Lambda itself, where a record left the stream before it could be served.
                Allow(["sqs:SendMessage"], [self.change_letters.queue_arn]),
            ],
        )
        events.Rule(
            self,
            "Ended",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={
                    "status": ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
                    "stateMachineArn": [{"prefix": f"{machines}interlock-v-"}],
                },
            ),
            targets=[to_queue(self.finish_queue)],
        )
        events.Rule(
            self,
            "Sweep",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
            targets=[to_clock(sweep.function)],
        )
        uploads = {"bucket": {"name": [foundation.artifacts.bucket_name]}, "object": {"key": [{"prefix": "uploads/"}]}}
        events.Rule(
            self,
            "Uploaded",
            event_pattern=events.EventPattern(source=["aws.s3"], detail_type=["Object Created"], detail=uploads),
            targets=[to_queue(self.upload_queue)],
        )
        self._tenants_may_send()
        self._schedules()
        CfnOutput(self, "StreamFunctionArn", value=self.stream_function.arn)
        CfnOutput(self, "EventLogQueueArn", value=self.log_queue.queue_arn)
        CfnOutput(self, "ChangeLettersArn", value=self.change_letters.queue_arn)
        CfnOutput(self, "RuleLettersArn", value=self.rule_letters.queue_arn)
        CfnOutput(self, "StartQueue", value=self.start_queue.queue_url)

    def _alerts(self, common: dict[str, object]) -> None:
        """Tells the tenants' webhooks of failed runs."""
        registry, runs, queue = self.foundation.registry, self.foundation.runs, self.alert_queue
        secrets = f"arn:{self.partition}:secretsmanager:{self.region}:{self.account}:secret:interlock/*/alert-??????"
        send = PythonFunction(
            self,
            "send_alert",
            **common,
            settings=AlertSettings(
                registry_table=registry.table_name,
                runs_table=runs.table_name,
                alert_queue=queue.queue_url,
                loopback=self.foundation.target.name == "local",
            ),
            allow=[
                Allow(["dynamodb:GetItem"], [registry.table_arn, runs.table_arn]),
                # The places that a tenant's alerts occupy.
                Allow(["dynamodb:UpdateItem"], [runs.table_arn]),
                Allow(["secretsmanager:GetSecretValue"], [secrets]),
                Allow(["sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:SendMessage"], [queue.queue_arn]),
                self._reads(queue),
            ],
            timeout_s=SENDER_SECONDS,
        )
        # One each: in a batch those behind a slow receiver would wait for it (ADR 0027).
        self._consume(send, queue, concurrency=ALERTERS, batch=1)

    def _queue(self, word: str, *, timeout_s: int, receives: int = RECEIVES) -> tuple[sqs.Queue, sqs.Queue]:
        dead = self._dead_queue(f"{word}-dead")
        queue = sqs.Queue(
            self,
            word,
            queue_name=f"interlock-{word}",
            visibility_timeout=Duration.seconds(timeout_s),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=self.foundation.target.name == "aws",
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=receives, queue=dead),
        )
        return queue, dead

    def _dead_queue(self, word: str) -> sqs.Queue:
        return sqs.Queue(
            self,
            word,
            queue_name=f"interlock-{word}",
            retention_period=Duration.days(14),
            # Of those that a function reads; SQS wants six times the function's timeout.
            visibility_timeout=Duration.seconds(180),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=self.foundation.target.name == "aws",
        )

    def _reads(self, queue: sqs.Queue) -> Allow:
        return Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue.queue_arn])

    def _consume(self, function: PythonFunction, queue: sqs.Queue, *, concurrency: int, batch: int = 10) -> None:
        function.function.add_event_source(
            sources.SqsEventSource(
                queue, batch_size=batch, report_batch_item_failures=True, max_concurrency=concurrency
            )
        )

    def _tenants_may_send(self) -> None:
        """Rules of tenants' buses, which the platform alone can write, send to the two queues."""
        rules = f"arn:{self.partition}:events:{self.region}:{self.account}:rule/interlock-*"
        for queue in (self.start_queue, self.log_queue, self.rule_letters):
            queue.add_to_resource_policy(
                iam.PolicyStatement(
                    actions=["sqs:SendMessage"],
                    resources=[queue.queue_arn],
                    principals=[iam.ServicePrincipal("events.amazonaws.com")],
                    conditions={"ArnLike": {"aws:SourceArn": rules}},
                )
            )

    def _schedules(self) -> None:
        self.schedule_group = scheduler.CfnScheduleGroup(self, "Schedules", name="interlock")
        allow = [Allow(["sqs:SendMessage"], [self.start_queue.queue_arn])]
        self.schedule_role = role(self, "ScheduleRole", "interlock-schedules", "scheduler", allow)
