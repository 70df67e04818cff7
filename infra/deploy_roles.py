"""The two roles that CloudFormation takes: what self-serve deployment may do, by name, and no more.

The actions are those that the handlers of AWS's resource schemas call to create, read, tag and delete each resource of
the two templates (`tests/infra/test_deploy_roles.py`). No code updates such a stack, so no role may.
"""

from aws_cdk import aws_iam as iam

from infra.foundation import Foundation
from infra.python_function import PythonFunction
from infra.roles import Allow, DeploymentStack, role
from interlock.contract.core import names

FUNCTION_ACTIONS = (
    "lambda:CreateFunction",
    "lambda:DeleteFunction",
    "lambda:GetFunction",
    "lambda:GetFunctionCodeSigningConfig",
    "lambda:GetFunctionRecursionConfig",
    "lambda:GetFunctionScalingConfig",
    "lambda:GetRuntimeManagementConfig",
    "lambda:ListTags",
    "lambda:TagResource",
    "lambda:UntagResource",
)
NETWORK_ACTIONS = (
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
"""Of a function in a network, where the operator turned it on."""
MACHINE_ACTIONS = (
    "states:CreateStateMachine",
    "states:DeleteStateMachine",
    "states:DescribeStateMachine",
    "states:ListTagsForResource",
    "states:TagResource",
    "states:UntagResource",
)
LOG_GROUP_ACTIONS = (
    "logs:CreateLogGroup",
    "logs:DeleteDataProtectionPolicy",
    "logs:DeleteLogGroup",
    "logs:DescribeIndexPolicies",
    "logs:GetDataProtectionPolicy",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
ROLE_ACTIONS = (
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
    "iam:TagRole",
    "iam:UntagRole",
)
"""Beside the two that give a role its rights, which a boundary is the condition of."""
BUS_ACTIONS = (
    "events:CreateEventBus",
    "events:DeleteEventBus",
    "events:DescribeEventBus",
    "events:ListTagsForResource",
    "events:RemovePermission",
    "events:TagResource",
    "events:UntagResource",
    "events:UpdateEventBus",
)
RULE_ACTIONS = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTagsForResource",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
    "events:TagResource",
    "events:UntagResource",
)
TABLE_ACTIONS = (
    "dynamodb:CreateTable",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
    "dynamodb:TagResource",
    "dynamodb:UntagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
)
MAPPING_ACTIONS = (
    "lambda:DeleteEventSourceMapping",
    "lambda:GetEventSourceMapping",
    "lambda:ListTags",
    "lambda:TagResource",
    "lambda:UntagResource",
)


def publish_deploy_role(
    control: DeploymentStack, foundation: Foundation, machine_role: iam.Role, layer: str
) -> iam.Role:
    """What CloudFormation may do for a version stack: only the platform's own names, under the boundary.

    Args:
        control: the stack of the role.
        foundation: its bucket and boundary.
        machine_role: the role of every state machine.
        layer: the ARN of the layer that holds the SDK.
    """
    roles = f"arn:{control.partition}:iam::{control.account}:role/interlock-v-*"
    statements = [
        Allow(FUNCTION_ACTIONS, [control.arn("lambda", "function:interlock-v-*")]),
        Allow(["lambda:GetLayerVersion"], [layer]),
        Allow(MACHINE_ACTIONS, [control.arn("states", "stateMachine:interlock-v-*")]),
        Allow(LOG_GROUP_ACTIONS, [control.arn("logs", "log-group:/aws/lambda/interlock-v-*")]),
        # Neither takes a log group: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
        Allow(["logs:DescribeLogGroups", "logs:DescribeResourcePolicies"], ["*"]),
        # A describing action of EC2 takes no resource.
        *([Allow(NETWORK_ACTIONS, ["*"])] if foundation.target.network else []),
        *_bounded(roles, foundation.step_boundary),
        Allow(["iam:PassRole"], [roles, machine_role.role_arn]),
        Allow(["s3:GetObject", "s3:GetObjectVersion"], [foundation.artifacts.arn_for_objects("versions/*")]),
    ]
    denied = iam.PolicyStatement(
        effect=iam.Effect.DENY, actions=["secretsmanager:*", "ssm:GetParameter*"], resources=["*"]
    )
    return role(control, "PublishDeployRole", "interlock-publish-deploy", "cloudformation", statements, [denied])


def onboard_deploy_role(control: DeploymentStack, stream: PythonFunction, boundary: iam.ManagedPolicy) -> iam.Role:
    """What CloudFormation may do for a tenant stack: only the platform's own names, under the boundary."""
    statements = [
        Allow(BUS_ACTIONS, [control.arn("events", "event-bus/interlock-*")]),
        Allow(RULE_ACTIONS, [control.arn("events", "rule/interlock-*")]),
        Allow(TABLE_ACTIONS, [control.arn("dynamodb", "table/interlock-catalog-*")]),
        Allow(["lambda:CreateEventSourceMapping"], ["*"], {"ArnEquals": {"lambda:FunctionArn": stream.arn}}),
        Allow(MAPPING_ACTIONS, [control.arn("lambda", "event-source-mapping:*")]),
        *_bounded(
            f"arn:{control.partition}:iam::{control.account}:role/{names.access_role('*', control.region)}", boundary
        ),
    ]
    return role(control, "OnboardDeployRole", "interlock-onboard-deploy", "cloudformation", statements)


def access_boundary(control: DeploymentStack, foundation: Foundation, api_id: str) -> iam.ManagedPolicy:
    """No role that onboarding creates can do more than what the sessions of some tenant need.

    The template of a tenant narrows it to that tenant (`interlock.compiler.tenant_template`).
    """
    data = foundation.data
    keys = "tenants/*/installs/*"
    statements = [
        Allow(["execute-api:Invoke"], [control.arn("execute-api", f"{api_id}/*/*/runtime/*")]),
        Allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [data.arn_for_objects(keys)]),
        Allow(["s3:ListBucket"], [data.bucket_arn], {"StringLike": {"s3:prefix": keys}}),
        Allow(["secretsmanager:GetSecretValue"], [control.arn("secretsmanager", "secret:interlock/*")]),
    ]
    return iam.ManagedPolicy(
        control,
        "AccessBoundary",
        managed_policy_name=names.of_region("interlock-access-boundary", control.region),
        statements=[each.statement() for each in statements],
    )


def _bounded(roles: str, boundary: iam.ManagedPolicy) -> list[Allow]:
    """What makes and removes roles: they get rights with the boundary only."""
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary.managed_policy_arn}}
    return [Allow(["iam:CreateRole", "iam:PutRolePolicy"], [roles], condition), Allow(ROLE_ACTIONS, [roles])]
