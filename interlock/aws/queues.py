"""SQS: messages onto the queue of starts."""

from interlock.aws.clients import client


def send(queue: str, body: str) -> None:
    """Put one message on a queue."""
    client("sqs").send_message(QueueUrl=queue, MessageBody=body)
