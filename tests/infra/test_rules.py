"""Rules over every synthesised and compiled template, each with its source, and each seen to find what breaks it."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from interlock.compiler.template import version_template
from interlock.compiler.tenant_template import tenant_template
from tests.support.every_state_bundle import plan
from tests.support.iam import World

Resource = dict[str, Any]
Templates = dict[str, Resource]
DAY = 86_400


def _of(templates: Templates, kind: str) -> Iterator[tuple[str, Resource]]:
    for template in templates.values():
        for key, one in template["Resources"].items():
            if one["Type"] == kind:
                yield key, one["Properties"]


def visibility(templates: Templates) -> Iterator[str]:
    """A queue hides a message six times as long as its function may take.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    templates = {name: one for name, one in templates.items() if name not in ("version", "tenant")}
    world = World(*templates.values())
    seconds = {
        world.name(key): one["Timeout"] for key, one in _of(templates, "AWS::Lambda::Function") if "Timeout" in one
    }
    queues = {world.name(key): one for key, one in _of(templates, "AWS::SQS::Queue")}
    for key, one in _of(templates, "AWS::Lambda::EventSourceMapping"):
        queue = world.text(one["EventSourceArn"]).rpartition(":")[2]
        if (
            queue in queues
            and queues[queue].get("VisibilityTimeout", 30) < 6 * seconds[world.text(one["FunctionName"])]
        ):
            yield f"{key}: {queue}"


def dead_letters(templates: Templates) -> Iterator[str]:
    """A queue that a function reads gives what it can't serve to another one, after five deliveries or more.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    """
    for key, one in _of(templates, "AWS::SQS::Queue"):
        is_dead = str(one["QueueName"]).endswith("-dead")
        if is_dead and one.get("MessageRetentionPeriod") != 14 * DAY:
            yield f"{key}: a letter is to stay for SQS's 14 days"
        if not is_dead and one.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 3:
            yield f"{key}: no dead-letter queue"


def targets(templates: Templates) -> Iterator[str]:
    """A rule's target has a retry policy and a dead-letter queue.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """
    for key, one in _of(templates, "AWS::Events::Rule"):
        for target in one["Targets"]:
            if "Arn" not in target.get("DeadLetterConfig", {}) or "MaximumRetryAttempts" not in target.get(
                "RetryPolicy", {}
            ):
                yield f"{key}: {target['Id']}"


def streams(templates: Templates) -> Iterator[str]:
    """A mapping of a stream has a destination for what it can't serve, and an alarm on how old its records are.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    alarms = {str(one.get("MetricName")) for _, one in _of(templates, "AWS::CloudWatch::Alarm")}
    for key, one in _of(templates, "AWS::Lambda::EventSourceMapping"):
        if "StartingPosition" in one:
            if "Destination" not in one.get("DestinationConfig", {}).get("OnFailure", {}):
                yield f"{key}: no destination"
            if "IteratorAge" not in alarms:
                yield f"{key}: no alarm on IteratorAge"


def clocks(templates: Templates) -> Iterator[str]:
    """A function that a rule calls keeps what failed every time: Lambda drops it after three tries otherwise.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    """
    called = {
        target["Arn"]["Fn::GetAtt"][0]
        for _, rule in _of(templates, "AWS::Events::Rule")
        for target in rule["Targets"]
        if "Fn::GetAtt" in target["Arn"]
    }
    covered = {
        one["FunctionName"]["Ref"]
        for _, one in _of(templates, "AWS::Lambda::EventInvokeConfig")
        if one.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    }
    functions = {key for key, _ in _of(templates, "AWS::Lambda::Function")}
    yield from sorted(called & functions - covered)


def machines(templates: Templates) -> Iterator[str]:
    """A workflow of the platform is traced, logs what failed, and ends by itself: a timeout bounds its loops.

    https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
    """
    for key, one in _of(templates, "AWS::StepFunctions::StateMachine"):
        if "DefinitionString" in one:
            if not one.get("TracingConfiguration", {}).get("Enabled"):
                yield f"{key}: not traced"
            if one.get("LoggingConfiguration", {}).get("Level") != "ERROR":
                yield f"{key}: not logged"
            if one.get("LoggingConfiguration", {}).get("IncludeExecutionData", True):
                yield f"{key}: inputs in its log"
            if not 0 < json.loads(one["DefinitionString"]).get("TimeoutSeconds", 0) <= 33 * DAY:
                yield f"{key}: no timeout"


def protection(templates: Templates) -> Iterator[str]:
    """A table or user pool that outlives its stack can't be deleted by hand either; tables go back in time.

    https://docs.aws.amazon.com/prescriptive-guidance/latest/dynamodb-data-protection/
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
    """
    for key, one in _of(templates, "AWS::DynamoDB::Table"):
        if not one.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
            yield f"{key}: no recovery"
        # A tenant's catalog is deleted by hand after its offboarding: docs/installs.md.
        if key != "Catalog" and not one.get("DeletionProtectionEnabled"):
            yield f"{key}: no protection"
    for key, one in _of(templates, "AWS::Cognito::UserPool"):
        if one.get("DeletionProtection") != "ACTIVE":
            yield f"{key}: no protection"


def backups(templates: Templates) -> Iterator[str]:
    """What outlives its stack is copied each day, for as long as a table goes back in time.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/about-backup-plans.html
    """
    copied = {
        resource["Fn::GetAtt"][0]
        for _, one in _of(templates, "AWS::Backup::BackupSelection")
        for resource in one["BackupSelection"]["Resources"]
    }
    for name, template in templates.items():
        for key, one in template["Resources"].items():
            stays = one.get("DeletionPolicy") == "RetainExceptOnCreate" and name != "tenant"
            if stays and one["Type"] in ("AWS::DynamoDB::Table", "AWS::S3::Bucket") and key not in copied:
                # Who read which object is itself a record of 90 days, and nothing is made from it; the console's page
                # is built anew from its sources.
                if not key.startswith(("AccessLogs", "Page")):
                    yield f"{key}: not copied"
    for key, one in _of(templates, "AWS::Backup::BackupPlan"):
        days = [rule.get("Lifecycle", {}).get("DeleteAfterDays", 0) for rule in one["BackupPlan"]["BackupPlanRule"]]
        if max(days, default=0) < 35:
            yield f"{key}: kept {days} days"


def retention(templates: Templates) -> Iterator[str]:
    """A log has an end, and every function has a log group of the template's.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
    """
    for key, one in _of(templates, "AWS::Logs::LogGroup"):
        if not 1 <= one.get("RetentionInDays", 0) <= 400:
            yield f"{key}: no end"
    groups = {str(one.get("LogGroupName")) for _, one in _of(templates, "AWS::Logs::LogGroup")}
    for key, one in _of(templates, "AWS::Lambda::Function"):
        if f"/aws/lambda/{one['FunctionName']}" not in groups:
            yield f"{key}: no log group"


def encryption(templates: Templates) -> Iterator[str]:
    """What stores data is encrypted, and says by what.

    https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html
    """
    properties = {
        "AWS::DynamoDB::Table": "SSESpecification",
        "AWS::S3::Bucket": "BucketEncryption",
        "AWS::SQS::Queue": "SqsManagedSseEnabled",
        "AWS::SNS::Topic": "KmsMasterKeyId",
    }
    for kind, name in properties.items():
        yield from (f"{key}: no {name}" for key, one in _of(templates, kind) if not one.get(name))


Rule = Callable[[Templates], Iterator[str]]
RULES: tuple[Rule, ...] = (
    *(visibility, dead_letters, targets, streams, clocks, machines),
    *(protection, backups, retention, encryption),
)


@pytest.fixture(scope="module")
def templates(aws: Templates) -> Templates:
    return {**aws, "version": json.loads(version_template(plan())), "tenant": json.loads(tenant_template())}


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_templates_keep_a_rule(templates: Templates, rule: Rule) -> None:
    assert list(rule(templates)) == []
    assert "https://docs.aws.amazon.com/" in str(rule.__doc__)


def test_rules_look_at_every_resource_of_their_types(templates: Templates, capsys: pytest.CaptureFixture[str]) -> None:
    count = sum(len(template["Resources"]) for template in templates.values())
    assert count >= 220
    with capsys.disabled():
        sys.stdout.write(f" [{len(RULES)} rules over {count} resources of {len(templates)} templates]")


def _without(kind: str, name: str) -> Callable[[Resource], None]:
    """A change that takes a property away from the first resource of a type that has it."""

    def change(templates: Resource) -> None:
        next(one for _, one in _of(templates, kind) if name in one).pop(name)

    return change


def _no_target_letters(templates: Resource) -> None:
    next(one for _, one in _of(templates, "AWS::Events::Rule"))["Targets"][0].pop("DeadLetterConfig")


def _no_timeout(templates: Resource) -> None:
    machine = next(one for _, one in _of(templates, "AWS::StepFunctions::StateMachine"))
    definition = json.loads(machine["DefinitionString"])
    machine["DefinitionString"] = json.dumps(
        {key: value for key, value in definition.items() if key != "TimeoutSeconds"}
    )


def _verbose_log(templates: Resource) -> None:
    machine = next(
        one for _, one in _of(templates, "AWS::StepFunctions::StateMachine") if "LoggingConfiguration" in one
    )
    machine["LoggingConfiguration"]["IncludeExecutionData"] = True


def _fewer_copies(templates: Resource) -> None:
    next(one for _, one in _of(templates, "AWS::Backup::BackupSelection"))["BackupSelection"]["Resources"].pop()


def _slow_function(templates: Resource) -> None:
    for _, one in _of(templates, "AWS::Lambda::Function"):
        one["Timeout"] = 61


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (visibility, _slow_function),
        (dead_letters, _without("AWS::SQS::Queue", "RedrivePolicy")),
        (dead_letters, _without("AWS::SQS::Queue", "MessageRetentionPeriod")),
        (targets, _no_target_letters),
        (streams, _without("AWS::Lambda::EventSourceMapping", "DestinationConfig")),
        (machines, _no_timeout),
        (machines, _without("AWS::StepFunctions::StateMachine", "TracingConfiguration")),
        (machines, _without("AWS::StepFunctions::StateMachine", "LoggingConfiguration")),
        (machines, _verbose_log),
        (clocks, _without("AWS::Lambda::EventInvokeConfig", "DestinationConfig")),
        (backups, _fewer_copies),
        (protection, _without("AWS::DynamoDB::Table", "DeletionProtectionEnabled")),
        (protection, _without("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification")),
        (protection, _without("AWS::Cognito::UserPool", "DeletionProtection")),
        (retention, _without("AWS::Logs::LogGroup", "RetentionInDays")),
        (retention, _without("AWS::Logs::LogGroup", "LogGroupName")),
        (encryption, _without("AWS::SQS::Queue", "SqsManagedSseEnabled")),
        (encryption, _without("AWS::DynamoDB::Table", "SSESpecification")),
    ],
)
def test_rule_finds_what_breaks_it(templates: Templates, rule: Rule, change: Callable[[Resource], None]) -> None:
    broken = copy.deepcopy(templates)
    change(broken)
    assert list(rule(broken))
