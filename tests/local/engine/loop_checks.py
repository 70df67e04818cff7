"""Checks of the corrections of loops through queues: each raises when AWS would do otherwise."""

from __future__ import annotations

import json

from tests.support.engine_cloud import Cloud, eventually, unique

ROUNDS = 16
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"""
MORE_ROUNDS = ROUNDS + 4
SENDS_ON = """
import json, os

import boto3

def handler(event, context):
    for record in event["Records"]:
        body = json.loads(record["body"])
        there = body["end"] if body["round"] == body["last"] else body["queue"]
        body["round"] += 1
        boto3.client("sqs").send_message(QueueUrl=there, MessageBody=json.dumps(body))
"""


def _rounds(cloud: Cloud, *, allowed: bool) -> int:
    """How often a function is called whose messages call it again, up to four times more than Lambda lets it."""
    queues, functions = cloud.client("sqs"), cloud.client("lambda")
    end = queues.create_queue(QueueName=unique("end"))["QueueUrl"]
    place = queues.get_queue_attributes(QueueUrl=end, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": place, "maxReceiveCount": 1})
    attributes = {"VisibilityTimeout": "5", "RedrivePolicy": redrive}
    queue = queues.create_queue(QueueName=unique("loop"), Attributes=attributes)["QueueUrl"]
    source = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function = cloud.function({"m.py": SENDS_ON}, Timeout=5)
    if allowed:
        functions.put_function_recursion_config(FunctionName=function, RecursiveLoop="Allow")
    mapping = functions.create_event_source_mapping(EventSourceArn=source, FunctionName=function, BatchSize=1)
    body = {"queue": queue, "end": end, "round": 1, "last": MORE_ROUNDS}
    queues.send_message(QueueUrl=queue, MessageBody=json.dumps(body))
    letter = eventually(lambda: queues.receive_message(QueueUrl=end).get("Messages"), deadline_s=20)
    functions.delete_event_source_mapping(UUID=mapping["UUID"])
    return json.loads(letter[0]["Body"])["round"] - 1


def lineage(cloud: Cloud) -> None:
    assert _rounds(cloud, allowed=False) == ROUNDS
    rounds = _rounds(cloud, allowed=True)
    assert rounds == MORE_ROUNDS, rounds
