"""What the trial of a version may do: in the sandbox tenant alone, by literal ARN."""

from infra.core import Core
from infra.roles import Allow
from interlock.contract.core import names


def trial_permissions(control: Core, onboard_machine: str) -> list[Allow]:
    """The statements that the role of `interlock-publish` has for trials."""
    data, sandbox = control.foundation.data, names.SANDBOX
    return [
        Allow(["dynamodb:GetItem"], [control.foundation.runs.table_arn]),
        Allow(
            ["dynamodb:Query"],
            [control.foundation.runs.table_arn],
            {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"RUN#{sandbox}#*"]}},
        ),
        Allow(["sqs:SendMessage"], [control.events.start_queue.queue_arn]),
        Allow(
            ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"],
            [control.arn("secretsmanager", f"secret:interlock/{sandbox}/*")],
        ),
        Allow(["s3:GetObject"], [data.arn_for_objects(f"runs/{sandbox}/*")]),
        Allow(["s3:ListBucket"], [data.bucket_arn], {"StringLike": {"s3:prefix": f"tenants/{sandbox}/installs/*"}}),
        Allow(["s3:PutObject"], [data.arn_for_objects(f"tenants/{sandbox}/installs/*")]),
        Allow(
            [
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:Query",
                "dynamodb:PutItem",
                "dynamodb:DeleteItem",
            ],
            [control.arn("dynamodb", f"table/{names.catalog_table(sandbox)}")],
        ),
        Allow(["s3:DeleteObject"], [data.arn_for_objects(f"tenants/{sandbox}/installs/*")]),
        Allow(["states:StartExecution"], [onboard_machine]),
        Allow(["states:StopExecution"], [control.arn("states", f"execution:interlock-v-*:{sandbox}_*")]),
    ]
