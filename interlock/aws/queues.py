"""SQS: messages onto our queues, and back onto them."""

from interlock.aws.clients import client


def send(queue: str, body: str) -> None:
    """Put one message on a queue."""
    client("sqs").send_message(QueueUrl=queue, MessageBody=body)


def postpone(queue_arn: str, receipt: str, seconds: int) -> None:
    """Let a message that could not be served come again after a while."""
    sqs = client("sqs")
    parts = queue_arn.split(":")
    queue = sqs.get_queue_url(QueueName=parts[-1], QueueOwnerAWSAccountId=parts[-2])["QueueUrl"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=seconds)
