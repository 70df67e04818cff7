"""SQS: messages onto our queues, and back onto them."""

from collections.abc import Sequence

from interlock.aws.clients import client
from interlock.contract import limits
from interlock.contract.failure import Unavailable


def send(queue: str, body: str) -> None:
    """Put one message on a queue."""
    client("sqs").send_message(QueueUrl=queue, MessageBody=body)


def send_all(queue: str, bodies: Sequence[str]) -> None:
    """Put messages on a queue, as many a call as SQS takes; all or an error, after which some may be there.

    Raises:
        Unavailable: SQS took one of them not.
    """
    for batch in _batches(bodies):
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(batch)]
        answer = client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
        if answer.get("Failed"):
            raise Unavailable(f"SQS refused a message: {answer['Failed'][0].get('Message')}", where=queue)


def _batches(bodies: Sequence[str]) -> list[list[str]]:
    """Batches that SQS takes: of so many messages, and of so many bytes."""
    found: list[list[str]] = []
    weight = 0
    for body in bodies:
        size = len(body.encode())
        if not found or len(found[-1]) == limits.SQS_BATCH or weight + size > limits.SQS_BATCH_BYTES:
            found.append([])
            weight = 0
        found[-1].append(body)
        weight += size
    return found


def postpone(queue_arn: str, receipt: str, seconds: int) -> None:
    """Let a message that could not be served come again after a while."""
    sqs = client("sqs")
    parts = queue_arn.split(":")
    queue = sqs.get_queue_url(QueueName=parts[-1], QueueOwnerAWSAccountId=parts[-2])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=seconds)
