"""The two roles that CloudFormation takes: what self-serve deployment may do, by name, and no more."""

from aws_cdk import aws_iam as iam

from infra.foundation import Foundation
from infra.python_function import PythonFunction
from infra.roles import Allow, DeploymentStack, role


def publish_deploy_role(control: DeploymentStack, foundation: Foundation, machine_role: iam.Role) -> iam.Role:
    """What CloudFormation may do for a version stack: only the platform's own names, under the boundary."""
    roles = f"arn:{control.partition}:iam::{control.account}:role/interlock-v-*"
    statements = [
        Allow(
            [
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:GetFunction",
                "lambda:GetFunctionConfiguration",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
                "lambda:TagResource",
            ],
            [control.arn("lambda", "function:interlock-v-*")],
        ),
        Allow(["lambda:GetLayerVersion"], [foundation.sdk_layer.layer_version_arn]),
        Allow(
            [
                "states:CreateStateMachine",
                "states:DeleteStateMachine",
                "states:DescribeStateMachine",
                "states:UpdateStateMachine",
                "states:TagResource",
            ],
            [control.arn("states", "stateMachine:interlock-v-*")],
        ),
        Allow(
            ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"],
            [control.arn("logs", "log-group:/aws/lambda/interlock-v-*")],
        ),
        Allow(["logs:DescribeLogGroups"], ["*"]),
        Allow(
            ["iam:CreateRole", "iam:PutRolePolicy"],
            [roles],
            {"StringEquals": {"iam:PermissionsBoundary": foundation.step_boundary.managed_policy_arn}},
        ),
        Allow(["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy", "iam:TagRole"], [roles]),
        Allow(["iam:PassRole"], [roles, machine_role.role_arn]),
        Allow(["s3:GetObject", "s3:GetObjectVersion"], [foundation.artifacts.arn_for_objects("versions/*")]),
    ]
    denied = iam.PolicyStatement(
        effect=iam.Effect.DENY, actions=["secretsmanager:*", "ssm:GetParameter*"], resources=["*"]
    )
    return role(control, "PublishDeployRole", "interlock-publish-deploy", "cloudformation", statements, [denied])


def onboard_deploy_role(control: DeploymentStack, stream: PythonFunction) -> iam.Role:
    """What CloudFormation may do for a tenant stack."""
    statements = [
        Allow(
            ["events:CreateEventBus", "events:DeleteEventBus", "events:DescribeEventBus", "events:TagResource"],
            [control.arn("events", "event-bus/interlock-*")],
        ),
        Allow(
            [
                "events:PutRule",
                "events:DeleteRule",
                "events:DescribeRule",
                "events:PutTargets",
                "events:RemoveTargets",
            ],
            [control.arn("events", "rule/interlock-*")],
        ),
        Allow(
            [
                "dynamodb:CreateTable",
                "dynamodb:DeleteTable",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:UpdateContinuousBackups",
                "dynamodb:UpdateTable",
                "dynamodb:TagResource",
            ],
            [control.arn("dynamodb", "table/interlock-catalog-*")],
        ),
        Allow(["lambda:CreateEventSourceMapping"], ["*"], {"ArnEquals": {"lambda:FunctionArn": stream.arn}}),
        Allow(
            ["lambda:DeleteEventSourceMapping", "lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"],
            [control.arn("lambda", "event-source-mapping:*")],
        ),
        Allow(
            [
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:PutRolePolicy",
                "iam:GetRolePolicy",
                "iam:DeleteRolePolicy",
                "iam:TagRole",
            ],
            [f"arn:{control.partition}:iam::{control.account}:role/interlock-access-*"],
        ),
    ]
    return role(control, "OnboardDeployRole", "interlock-onboard-deploy", "cloudformation", statements)
