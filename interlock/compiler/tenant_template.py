"""The CloudFormation template of a tenant: event bus, catalog table with its stream, access role. Deterministic.

One template for every tenant: what differs is parameters. The bus has no archive of EventBridge's: the platform keeps
each event itself (ADR 0013).
"""

import json
from typing import Any

from troposphere import GetAtt, Parameter, Ref, Sub, Template, awslambda, dynamodb, events, iam

from interlock.contract.core import limits, names

STREAM_BATCH = 100
STREAM_RETRIES = -1
"""As long as the stream keeps a record, 24 h: what no retry helps, the function itself makes a dead letter of."""
PARAMETERS = {
    "Tenant": "The tenant's id",
    "GateRole": "The ARN of the gate's role, the only one that may assume the access role",
    "StreamFunction": "The ARN of the function that publishes changes of the catalog",
    "DataBucket": "The bucket of payloads and app state",
    "EventLogQueue": "The ARN of the queue from which recent events are kept for people to read",
    "ApiId": "The id of the HTTP API whose runtime routes steps call",
    "ChangeLetters": "The ARN of the queue of changes that left the stream before they were published",
    "RuleLetters": "The ARN of the queue of events that a rule's target did not take",
    "AccessBoundary": "The ARN of the permission boundary of every access role",
}


def tenant_template() -> str:
    """The template's JSON."""
    template = Template(Description="Interlock tenant")
    for name, description in PARAMETERS.items():
        template.add_parameter(Parameter(name, Type="String", Description=description))
    template.add_resource(events.EventBus("Bus", Name=Sub("interlock-${Tenant}")))
    template.add_resource(_table())
    template.add_resource(
        awslambda.EventSourceMapping(
            "Changes",
            EventSourceArn=GetAtt("Catalog", "StreamArn"),
            FunctionName=Ref("StreamFunction"),
            StartingPosition="TRIM_HORIZON",
            BatchSize=STREAM_BATCH,
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=STREAM_RETRIES,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            DestinationConfig=awslambda.DestinationConfig(
                OnFailure=awslambda.OnFailure(Destination=Ref("ChangeLetters"))
            ),
        )
    )
    template.add_resource(
        events.Rule(
            "EventLog",
            Name=Sub("interlock-log-${Tenant}"),
            EventBusName=Ref("Bus"),
            EventPattern={"source": [{"prefix": "interlock."}]},
            Targets=[
                events.Target(
                    Id="log",
                    Arn=Ref("EventLogQueue"),
                    SqsParameters=events.SqsParameters(MessageGroupId=Ref("Tenant")),
                    DeadLetterConfig=events.DeadLetterConfig(Arn=Ref("RuleLetters")),
                    RetryPolicy=events.RetryPolicy(
                        MaximumRetryAttempts=limits.RULE_ATTEMPTS, MaximumEventAgeInSeconds=limits.RULE_SECONDS
                    ),
                )
            ],
        )
    )
    template.add_resource(_access_role())
    return json.dumps(template.to_dict(), indent=1, sort_keys=True)


def _table() -> dynamodb.Table:
    parts = ("pk", "sk", "gsi1pk", "gsi1sk")
    return dynamodb.Table(
        "Catalog",
        TableName=Sub("interlock-catalog-${Tenant}"),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[dynamodb.AttributeDefinition(AttributeName=word, AttributeType="S") for word in parts],
        KeySchema=[
            dynamodb.KeySchema(AttributeName="pk", KeyType="HASH"),
            dynamodb.KeySchema(AttributeName="sk", KeyType="RANGE"),
        ],
        GlobalSecondaryIndexes=[
            dynamodb.GlobalSecondaryIndex(
                IndexName="gsi1",
                KeySchema=[
                    dynamodb.KeySchema(AttributeName="gsi1pk", KeyType="HASH"),
                    dynamodb.KeySchema(AttributeName="gsi1sk", KeyType="RANGE"),
                ],
                Projection=dynamodb.Projection(ProjectionType="ALL"),
            )
        ],
        StreamSpecification=dynamodb.StreamSpecification(StreamViewType="NEW_AND_OLD_IMAGES"),
        PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        SSESpecification=dynamodb.SSESpecification(SSEEnabled=True),
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
    )


def _access_role() -> iam.Role:
    statements: list[dict[str, Any]] = [
        _allow(
            ["execute-api:Invoke"],
            "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/*/*/runtime/*",
        ),
        _allow(
            ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
            "arn:${AWS::Partition}:s3:::${DataBucket}/tenants/${Tenant}/installs/*",
        ),
        _allow(["s3:ListBucket"], "arn:${AWS::Partition}:s3:::${DataBucket}")
        | {"Condition": {"StringLike": {"s3:prefix": Sub("tenants/${Tenant}/installs/*")}}},
        _allow(
            ["secretsmanager:GetSecretValue"],
            "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:interlock/${Tenant}/*",
        ),
    ]
    return iam.Role(
        "AccessRole",
        RoleName=Sub(names.access_role("${Tenant}", "${AWS::Region}")),
        AssumeRolePolicyDocument={
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": Ref("GateRole")}, "Action": "sts:AssumeRole"}],
        },
        PermissionsBoundary=Ref("AccessBoundary"),
        Policies=[iam.Policy(PolicyName="tenant", PolicyDocument={"Version": "2012-10-17", "Statement": statements})],
    )


def _allow(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": Sub(resource)}
