"""What the control API may do: each statement by literal ARN."""

from infra.core import Core
from infra.roles import Allow
from interlock.contract.core import names

TABLE_ACTIONS = [f"dynamodb:{action}" for action in ("GetItem", "PutItem", "Query", "BatchGetItem", "DeleteItem")]


def api_permissions(control: Core) -> list[Allow]:
    """The statements of the role of `interlock-api`."""
    foundation, starts = control.foundation, control.events
    return [
        Allow(["lambda:InvokeFunction"], [control.gate.arn]),
        Allow(["kms:GetPublicKey"], [foundation.signing_key.key_arn]),
        Allow(
            ["states:GetExecutionHistory", "states:StopExecution"], [control.arn("states", "execution:interlock-v-*")]
        ),
        Allow(["dynamodb:UpdateItem"], [foundation.runs.table_arn]),
        Allow(["dynamodb:BatchWriteItem"], [foundation.registry.table_arn]),
        # What steps printed and logged: the log groups of the versions' functions.
        Allow(["logs:FilterLogEvents"], [control.arn("logs", "log-group:/aws/lambda/interlock-v-*")]),
        Allow(
            TABLE_ACTIONS,
            [
                foundation.runs.table_arn,
                foundation.registry.table_arn,
                control.catalogs,
            ],
        ),
        Allow(
            ["dynamodb:Query"],
            [
                *(f"{foundation.runs.table_arn}/index/gsi{number}" for number in (1, 3, 4, 5)),
                f"{foundation.registry.table_arn}/index/gsi1",
                f"{control.catalogs}/index/gsi1",
            ],
        ),
        Allow(["s3:GetObject", "s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
        Allow(["s3:PutObject"], [foundation.artifacts.arn_for_objects("uploads/*")]),
        # What a debugger fetches by presigned URLs: the bundle, and what a tenant's admin permits.
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/bundle.zip")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/workflows/*")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/places.json")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/sbom.cdx.json")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/listing/*")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/views/*")]),
        Allow(["secretsmanager:GetSecretValue"], [control.arn("secretsmanager", "secret:interlock/*")]),
        Allow(["sqs:SendMessage"], [starts.start_queue.queue_arn]),
        Allow(
            [
                "cognito-idp:AdminCreateUser",
                "cognito-idp:CreateUserPoolClient",
                "cognito-idp:DeleteUserPoolClient",
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminDeleteUser",
            ],
            [foundation.pool.user_pool_arn],
        ),
        Allow(["states:StartExecution"], [control.onboard_machine.attr_arn, *control.life_machines()]),
        # A list is checked on every alarm, whatever the names that it asks for begin with.
        Allow(["cloudwatch:DescribeAlarms"], [control.arn("cloudwatch", "alarm:*")]),
        # Of an app that is not published: what AWS says of its workflows (which name no resource), and its libraries.
        Allow(["states:ValidateStateMachineDefinition"], ["*"]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects(names.ADVISORIES)]),
        # A task token names no resource: these two actions are granted on all or on none.
        Allow(["states:SendTaskSuccess", "states:SendTaskFailure"], ["*"]),
        Allow(["events:PutEvents"], [control.arn("events", "event-bus/interlock-*")]),
        Allow(
            ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"],
            [control.arn("secretsmanager", "secret:interlock/*")],
        ),
    ]
