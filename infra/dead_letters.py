"""What drains the queue of starts that no delivery could serve, into dead letters that people see."""

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.foundation import Foundation
from infra.python_function import PythonFunction
from infra.roles import Allow
from interlock.contract.core.settings import DeadLetterSettings


class DeadLetters(Construct):
    """The function `record_dead_letter` on the dead-letter queue of starts."""

    def __init__(
        self, scope: Construct, foundation: Foundation, queue: sqs.Queue, layer: lambda_.ILayerVersion
    ) -> None:
        """Make the function.

        Args:
            scope: the stack.
            foundation: its tables and buckets.
            queue: the dead-letter queue.
            layer: the dependencies of the platform's functions.
        """
        super().__init__(scope, "DeadLetters")
        runs, registry = foundation.runs, foundation.registry
        keep = PythonFunction(
            self,
            "record_dead_letter",
            target=foundation.target,
            code=foundation.code,
            layer=layer,
            settings=DeadLetterSettings(
                runs_table=runs.table_name,
                registry_table=registry.table_name,
                data_bucket=foundation.data.bucket_name,
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [runs.table_arn]),
                Allow(["dynamodb:GetItem"], [registry.table_arn]),
                Allow(["s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
                Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue.queue_arn]),
            ],
        )
        keep.function.add_event_source(
            sources.SqsEventSource(queue, batch_size=10, report_batch_item_failures=True, max_concurrency=2)
        )
