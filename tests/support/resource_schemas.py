"""AWS's own resource schemas, as cfn-lint carries them: which actions CloudFormation calls for a resource type.

A schema's `handlers` name the actions of each handler, its `tagging` those of tags:
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cfnlint

FOLDER = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
HANDLERS = ("create", "read", "delete")
"""What CloudFormation does in a stack that is created and deleted.

Not `update`: no code updates a stack of a version or tenant; `cdk deploy` does, under CDK's own role. Not `list`: the
handler of resource inventories (Cloud Control), which no operation on a stack calls.
"""


class Unset(NamedTuple):
    """Actions that a handler calls only for a property, which our templates do not set."""

    property: str
    actions: frozenset[str]
    reason: str


def _unset(name: str, reason: str, *actions: str) -> Unset:
    return Unset(name, frozenset(actions), reason)


def _keys(name: str, *verbs: str) -> Unset:
    """A key of our own, which no resource has."""
    return _unset(
        name,
        "The service's own key encrypts it, whose policy lets the service use it.",
        *(f"kms:{verb}" for verb in verbs),
    )


NO_PROPERTY = ""
"""The schema has no property that would have the handler call the actions."""
NETWORK = frozenset(f"ec2:Describe{what}" for what in ("NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"))
"""Of a function in a VPC."""
EXCEPTIONS: dict[str, tuple[Unset, ...]] = {
    "AWS::Lambda::Function": (
        _keys("KmsKeyArn", "CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"),
        _unset("ReservedConcurrentExecutions", "No step has its own concurrency.", "lambda:PutFunctionConcurrency"),
        _unset(
            "FileSystemConfigs",
            "No step mounts a file system.",
            "elasticfilesystem:DescribeMountTargets",
            "s3files:ListMountTargets",
        ),
        _unset("CodeSigningConfigArn", "The platform signs versions itself.", "lambda:GetCodeSigningConfig"),
        _unset(
            "RuntimeManagementConfig",
            "Lambda updates the runtime when it does by default.",
            "lambda:PutRuntimeManagementConfig",
        ),
        _unset("RecursiveLoop", "Lambda's default, which ends loops, stays.", "lambda:PutFunctionRecursionConfig"),
        _unset("FunctionScalingConfig", "No step runs on instances.", "lambda:PutFunctionScalingConfig"),
        _unset("CapacityProviderConfig", "No step runs on instances.", "lambda:PassCapacityProvider"),
        _unset(NO_PROPERTY, "No property of the schema has an alias of a runtime.", "lambda:AssociateRuntimeAlias"),
        Unset("VpcConfig", NETWORK, "Its network is Lambda's own, as long as the platform's is off."),
    ),
    "AWS::StepFunctions::StateMachine": (
        _keys("EncryptionConfiguration", "Decrypt", "DescribeKey", "GenerateDataKey"),
    ),
    "AWS::Logs::LogGroup": (
        _unset(
            "DataProtectionPolicy",
            "Secrets are redacted before they are logged.",
            "logs:PutDataProtectionPolicy",
            "logs:CreateLogDelivery",
            "s3:REST.PUT.OBJECT",
            "firehose:TagDeliveryStream",
        ),
        _unset("ResourcePolicyDocument", "No other service writes to it.", "logs:PutResourcePolicy"),
        _unset("FieldIndexPolicies", "No field of it is indexed.", "logs:PutIndexPolicy"),
        _unset(
            "BearerTokenAuthenticationEnabled", "Nobody reads it with a token.", "logs:PutBearerTokenAuthentication"
        ),
    ),
    "AWS::IAM::Role": (
        _unset(
            "ManagedPolicyArns",
            "All that a role may do stands in the role itself.",
            "iam:AttachRolePolicy",
            "iam:DetachRolePolicy",
        ),
    ),
    "AWS::Events::EventBus": (
        _keys(
            "KmsKeyIdentifier",
            "Decrypt",
            "DescribeKey",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
        ),
        _unset("Policy", "No other account sends to a tenant's bus.", "events:PutPermission"),
    ),
    "AWS::Events::Rule": (
        _unset("RoleArn", "The targets are queues, which let the rule in themselves.", "iam:PassRole"),
    ),
    "AWS::DynamoDB::Table": (
        _keys(
            "SSESpecification.KMSMasterKeyId",
            "CreateGrant",
            "Decrypt",
            "DescribeKey",
            "Encrypt",
            "ListAliases",
            "RevokeGrant",
        ),
        _unset("TimeToLiveSpecification", "No item of a catalog expires.", "dynamodb:UpdateTimeToLive"),
        _unset(
            "ContributorInsightsSpecification",
            "The catalog has no such insights.",
            "dynamodb:UpdateContributorInsights",
        ),
        _unset(
            "KinesisStreamSpecification",
            "Changes leave by the table's own stream.",
            "dynamodb:EnableKinesisStreamingDestination",
            "dynamodb:DisableKinesisStreamingDestination",
            "kinesis:DescribeStream",
            "kinesis:PutRecords",
        ),
        _unset(
            "ImportSourceSpecification",
            "A catalog begins empty.",
            "dynamodb:ImportTable",
            "dynamodb:DescribeImport",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            "logs:PutRetentionPolicy",
            "s3:GetObject",
            "s3:GetObjectMetadata",
            "s3:ListBucket",
        ),
        _unset("ResourcePolicy", "The catalog has no policy of its own.", "dynamodb:PutResourcePolicy"),
        _unset(
            NO_PROPERTY,
            "The type has no replicas, which CloudFormation would fill: AWS::DynamoDB::GlobalTable has.",
            "dynamodb:CreateTableReplica",
            "dynamodb:AssociateTableReplica",
            "dynamodb:Scan",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "dynamodb:PutItem",
            "dynamodb:GetItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "iam:CreateServiceLinkedRole",
        ),
    ),
    "AWS::Lambda::EventSourceMapping": (_keys("KmsKeyArn", "Decrypt", "DescribeKey", "GenerateDataKey"),),
}
"""The reviewed exceptions: a property of each that the templates do not set, so that its actions are not called."""


@cache
def schema(kind: str) -> dict[str, Any]:
    """The schema of a resource type."""
    return next(row for path in FOLDER.glob("*.json") if (row := _read(path))["typeName"] == kind)


@cache
def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def called(kind: str) -> frozenset[str]:
    """Every action that CloudFormation calls to create, read and delete a resource of a type, with tags."""
    handlers = schema(kind)["handlers"]
    actions = [action for name in HANDLERS for action in handlers[name]["permissions"]]
    return frozenset([*actions, *schema(kind)["tagging"]["permissions"]])


def needed(kind: str) -> frozenset[str]:
    """What of it a deploy role needs: all but the reviewed exceptions."""
    return called(kind) - frozenset(action for row in EXCEPTIONS[kind] for action in row.actions)
