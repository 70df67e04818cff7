"""Targets of EventBridge's rules: what cannot be delivered is tried again, and then kept where an alarm looks."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from interlock.contract.core import limits, names

CLOCK_ATTEMPTS, CLOCK_AGE = 3, Duration.minutes(5)
"""A clock's next tick does what this one could not: a late one is of no use."""


def to_queue(queue: sqs.Queue) -> targets.SqsQueue:
    """A queue as a rule's target."""
    return targets.SqsQueue(
        queue,
        dead_letter_queue=letters_of_rules(queue),
        retry_attempts=limits.RULE_ATTEMPTS,
        max_event_age=Duration.seconds(limits.RULE_SECONDS),
    )


def to_clock(function: lambda_.Function) -> targets.LambdaFunction:
    """A function that a schedule calls, as a rule's target."""
    dead = letters_of_rules(function)
    return targets.LambdaFunction(
        function, dead_letter_queue=dead, retry_attempts=CLOCK_ATTEMPTS, max_event_age=CLOCK_AGE
    )


def letters_of_rules(near: Construct) -> sqs.IQueue:
    """The queue of what no target took, by its name: it is in the stack of events, whose policy lets rules in."""
    stack = Stack.of(near)
    arn = f"arn:{stack.partition}:sqs:{stack.region}:{stack.account}:{names.RULE_LETTERS}"
    return sqs.Queue.from_queue_arn(near, "RuleLetters", arn)
