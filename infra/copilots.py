"""The copilots' endpoint: a function of its own, so that the API does not import what only it needs."""

from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct

from infra.core import Core
from infra.python_function import PythonFunction
from infra.roles import Allow
from interlock.contract.core.settings import McpSettings

ROUTE = "/v1/tenants/{tenant}/mcp"
METHODS = [apigw.HttpMethod.POST, apigw.HttpMethod.GET, apigw.HttpMethod.DELETE]
"""GET and DELETE belong to sessions, which there are none of: the function answers 405, as MCP asks."""
AUDIT_ONLY = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "AUDIT#tenant/*"}}
FULL_CPU_MB = 1769
"""Lambda gives a whole processor from here on; a cold start is imports alone."""


class Copilots(Construct):
    """The function `mcp` and its route."""

    def __init__(self, core: Core, authorizer: apigw.IHttpRouteAuthorizer) -> None:
        """Make the function.

        Args:
            core: the control stack, whose gate and API are there.
            authorizer: of the control API: who calls.
        """
        super().__init__(core, "Copilots")
        foundation = core.foundation
        mcp = PythonFunction(
            self,
            "mcp",
            **core.common,
            settings=McpSettings(
                runs_table=foundation.runs.table_name,
                registry_table=foundation.registry.table_name,
                data_bucket=foundation.data.bucket_name,
                artifact_bucket=foundation.artifacts.bucket_name,
                start_queue=core.events.start_queue.queue_url,
                gate=core.gate.arn,
            ),
            allow=permissions(core),
            memory_mb=FULL_CPU_MB,
        )
        core.api.add_routes(
            path=ROUTE,
            methods=METHODS,
            integration=integrations.HttpLambdaIntegration("Copilots", mcp.function),
            authorizer=authorizer,
        )


def permissions(core: Core) -> list[Allow]:
    """Reading what the tools read; writing pauses and bodies; starts by the queue only."""
    foundation = core.foundation
    runs = foundation.runs.table_arn
    return [
        Allow([f"dynamodb:{verb}" for verb in ("GetItem", "Query", "PutItem", "UpdateItem")], [runs]),
        Allow(
            ["dynamodb:Query"],
            [*(f"{runs}/index/gsi{number}" for number in (1, 3, 4, 5)), f"{core.catalogs}/index/gsi1"],
        ),
        # Of the registry, the tenants' audit logs alone: memberships stand in the same table.
        Allow(["dynamodb:PutItem"], [foundation.registry.table_arn], AUDIT_ONLY),
        Allow(
            ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"],
            [foundation.registry.table_arn, core.catalogs],
        ),
        Allow(["s3:GetObject", "s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/workflows/*")]),
        Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/places.json")]),
        Allow(["sqs:SendMessage"], [core.events.start_queue.queue_arn]),
        Allow(["lambda:InvokeFunction"], [core.gate.arn]),
        # A task token names no resource: the action is granted on all or on none.
        Allow(["states:SendTaskSuccess"], ["*"]),
    ]
