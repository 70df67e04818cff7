"""Webhooks: their queue, the function that delivers, and the clock that brings back what has to be tried again."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.core import Core
from infra.python_function import PythonFunction
from infra.roles import Allow
from infra.rules import to_clock
from interlock.contract.core import names
from interlock.contract.core.settings import WebhookSettings
from interlock.contract.webhook import DELIVERERS, SENDER_SECONDS

TEND_MINUTES = 1
RECEIVES = 5
"""Of a message that our own side could not serve; what a receiver refuses leaves the queue at once."""
VISIBILITY_SECONDS = 6 * SENDER_SECONDS
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig"""


class Webhooks(Construct):
    """The queue, and the functions `send_webhook` and `retry_webhooks`."""

    def __init__(self, core: Core) -> None:
        """Make them.

        Args:
            core: the control stack.
        """
        super().__init__(core, "Webhooks")
        self.core = core
        self.queue = self._queue()
        registry, runs, data = core.foundation.registry, core.foundation.runs, core.foundation.data
        settings = WebhookSettings(
            runs_table=runs.table_name,
            registry_table=registry.table_name,
            data_bucket=data.bucket_name,
            webhook_queue=self.queue.queue_url,
            loopback=core.target.name == "local",
        )
        send = PythonFunction(
            self,
            "send_webhook",
            **core.common,
            settings=settings,
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [registry.table_arn, runs.table_arn]),
                # The places that a tenant's deliveries occupy.
                Allow(["dynamodb:UpdateItem"], [runs.table_arn]),
                Allow(["s3:GetObject", "s3:PutObject"], [data.arn_for_objects("runs/*/hook-*")]),
                Allow(["secretsmanager:GetSecretValue"], [core.arn("secretsmanager", "secret:interlock/*/webhook-*")]),
                Allow(
                    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"],
                    [self.queue.queue_arn],
                ),
                # One that took nothing for a day is disabled, and its tenant told.
                Allow(["events:RemoveTargets", "events:DeleteRule"], [core.arn("events", "rule/interlock-*/hook-*")]),
                Allow(["events:PutEvents"], [core.arn("events", "event-bus/interlock-*")]),
            ],
            timeout_s=SENDER_SECONDS,
        )
        send.function.add_event_source(
            # One each: in a batch those behind a slow receiver would wait for it (ADR 0027).
            sources.SqsEventSource(
                self.queue, batch_size=1, report_batch_item_failures=True, max_concurrency=DELIVERERS
            )
        )
        clock = PythonFunction(
            self,
            "retry_webhooks",
            **core.common,
            settings=settings,
            allow=[
                Allow(["dynamodb:Query", "dynamodb:DeleteItem"], [runs.table_arn]),
                Allow(["sqs:SendMessage"], [self.queue.queue_arn]),
            ],
            timeout_s=300,
            clock=True,
        )
        events.Rule(
            self,
            "Tend",
            schedule=events.Schedule.rate(Duration.minutes(TEND_MINUTES)),
            targets=[to_clock(clock.function)],
        )

    def api_permissions(self) -> list[Allow]:
        """What the control API needs beside what it has: rules of webhooks, and their queue."""
        rules = ["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"]
        return [
            Allow(rules, [self.core.arn("events", "rule/interlock-*/hook-*")]),
            Allow(["sqs:SendMessage"], [self.queue.queue_arn]),
            Allow(["dynamodb:BatchWriteItem"], [self.core.foundation.runs.table_arn]),
        ]

    def _queue(self) -> sqs.Queue:
        fields = {
            "encryption": sqs.QueueEncryption.SQS_MANAGED,
            "enforce_ssl": self.core.target.name == "aws",
        }
        self.dead = sqs.Queue(
            self, "Dead", queue_name="interlock-webhooks-dead", retention_period=Duration.days(14), **fields
        )
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=names.WEBHOOK_DELIVERIES,
            visibility_timeout=Duration.seconds(VISIBILITY_SECONDS),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=RECEIVES, queue=self.dead),
            **fields,
        )
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                conditions={"ArnLike": {"aws:SourceArn": self.core.arn("events", "rule/interlock-*/hook-*")}},
            )
        )
        return queue
