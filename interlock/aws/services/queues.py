"""SQS: messages onto our queues, and back onto them.

The message group of a message is its tenant: the queues are fair by it (ADR 0027).
"""

from interlock.aws.clients import client


def send(queue: str, body: str, tenant: str) -> None:
    """Put one message of a tenant on a queue."""
    client("sqs").send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=tenant)


MAX_DELAY_SECONDS = 900
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


def send_later(queue: str, body: str, tenant: str, seconds: int) -> None:
    """Put one message of a tenant on a queue that nobody receives before a while."""
    client("sqs").send_message(
        QueueUrl=queue, MessageBody=body, MessageGroupId=tenant, DelaySeconds=min(seconds, MAX_DELAY_SECONDS)
    )


def postpone(queue_arn: str, receipt: str, seconds: int) -> None:
    """Let a message that could not be served come again after a while."""
    sqs = client("sqs")
    parts = queue_arn.split(":")
    queue = sqs.get_queue_url(QueueName=parts[-1], QueueOwnerAWSAccountId=parts[-2])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=seconds)
