"""What the tasks of install, upgrade, uninstall and offboard may do, and their clock: each by literal ARN."""

from infra.core import Core
from infra.roles import Allow


def lifecycle_permissions(control: Core) -> list[Allow]:
    """The statements of the role of `interlock-lifecycle`."""
    foundation, starts = control.foundation, control.events
    data = foundation.data
    return [
        *clock_permissions(control),
        Allow(["s3:ListBucketVersions"], [data.bucket_arn], {"StringLike": {"s3:prefix": "tenants/*"}}),
        Allow(["s3:ListBucketVersions"], [data.bucket_arn], {"StringLike": {"s3:prefix": "runs/*"}}),
        Allow(["s3:DeleteObjectVersion"], [data.arn_for_objects("tenants/*"), data.arn_for_objects("runs/*")]),
        Allow(["events:PutRule", "events:PutTargets"], [control.arn("events", "rule/interlock-*")]),
        Allow(["scheduler:CreateSchedule"], [control.arn("scheduler", "schedule/interlock/*")]),
        Allow(["iam:PassRole"], [starts.schedule_role.role_arn]),
        Allow(
            ["cloudformation:DeleteStack", "cloudformation:DescribeStacks"],
            [control.arn("cloudformation", "stack/interlock-t-*/*")],
        ),
        Allow(["cognito-idp:AdminDeleteUser", "cognito-idp:DeleteUserPoolClient"], [foundation.pool.user_pool_arn]),
    ]


def clock_permissions(control: Core) -> list[Allow]:
    """The statements of the role of `interlock-maintain-installs`: it begins machines, and undoes what is left over."""
    foundation = control.foundation
    registry, runs = foundation.registry, foundation.runs
    return [
        Allow(
            [f"dynamodb:{verb}Item" for verb in ("Get", "Put", "Delete", "Update", "BatchGet")], [registry.table_arn]
        ),
        Allow(["dynamodb:Query"], [registry.table_arn, f"{registry.table_arn}/index/gsi1"]),
        Allow(
            ["dynamodb:Query"],
            [runs.table_arn, *(f"{runs.table_arn}/index/{index}" for index in ("gsi1", "gsi3", "gsi4"))],
        ),
        Allow(["dynamodb:BatchWriteItem"], [runs.table_arn]),
        Allow(["events:RemoveTargets", "events:DeleteRule"], [control.arn("events", "rule/interlock-*")]),
        Allow(["scheduler:DeleteSchedule"], [control.arn("scheduler", "schedule/interlock/*")]),
        Allow(["secretsmanager:DeleteSecret"], [control.arn("secretsmanager", "secret:interlock/*")]),
        Allow(["states:StartExecution"], control.life_machines()),
        Allow(["kms:GetPublicKey"], [foundation.signing_key.key_arn]),
        Allow(["states:StopExecution"], [control.arn("states", "execution:interlock-v-*")]),
    ]
