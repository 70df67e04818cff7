"""Control: the HTTP API, the gate, and the platform's own workflows."""

import json

from aws_cdk import CfnCondition, CfnOutput, Duration, Fn
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.api_permissions import TABLE_ACTIONS, api_permissions
from infra.approvals import Approvals
from infra.capacity import requests
from infra.copilots import Copilots
from infra.core import Core
from infra.events import Events
from infra.foundation import RETAINED, TICKET_SECRET, Foundation
from infra.language_model import LanguageModel
from infra.layers import platform_layer, sdk_layer
from infra.network import StepNetwork
from infra.platform_steps import PlatformSteps
from infra.python_function import PythonFunction
from infra.roles import Allow, role
from infra.sagas import Sagas
from infra.usage import UsageClock
from infra.webhooks import Webhooks
from interlock.contract.core import limits, names
from interlock.contract.core.settings import (
    ApiSettings,
    AuthorizeSettings,
    GateSettings,
    PauseSettings,
    RuntimeApiSettings,
)
from interlock.contract.platform_step import FUNCTION as PLATFORM_STEP

RUNTIME_ROUTES = {
    "/runtime/assets": apigw.HttpMethod.GET,
    "/runtime/assets:batch": apigw.HttpMethod.POST,
    "/runtime/events": apigw.HttpMethod.POST,
}


class Control(Core):
    """HTTP API, functions, pipelines."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        foundation: Foundation,
        events: Events,
        network: StepNetwork | None = None,
        **fields: object,
    ) -> None:
        """Make the stack; `network` is where steps run, where the operator turned it on."""
        super().__init__(scope, name, **fields)
        self.foundation = foundation
        self.network = network
        self.events = events
        self.target = foundation.target
        self.common = {"target": foundation.target, "code": foundation.code, "layer": platform_layer(self, self.target)}
        self.sdk_layer = sdk_layer(self, self.target)
        self.api = apigw.HttpApi(self, "HttpApi", api_name="interlock", create_default_stage=True)
        if self.target.name == "aws":
            self._log_access()
            self._throttle()
        self.gate = self._gate()
        self.pause = PythonFunction(
            self,
            "pause",
            **self.common,
            settings=PauseSettings(runs_table=foundation.runs.table_name),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [foundation.runs.table_arn]),
                # A task token names no resource: the action is granted on all or on none.
                Allow(["states:SendTaskSuccess"], ["*"]),
            ],
        )
        self.machine_role = self._machine_role()
        self.token_url = self._token_url()
        self.approve = Approvals(self).ask
        PlatformSteps(self)
        self.webhooks = Webhooks(self)
        self.sagas = Sagas(self)
        self.onboard_machine = self.sagas.onboard_machine
        self.api_function = self._api()
        self._runtime_api()
        UsageClock(self)
        CfnOutput(self, "ApiId", value=self.api.api_id)
        CfnOutput(self, "ApiUrl", value=self._api_url())
        if self.target.name == "local":
            CfnOutput(self, "ApiHost", value=self._api_host())
        CfnOutput(self, "SdkLayerArn", value=self.sdk_layer.layer_version_arn)
        CfnOutput(self, "GateArn", value=self.gate.arn)
        CfnOutput(self, "GateRoleArn", value=self.gate.role.role_arn)
        CfnOutput(self, "PauseArn", value=self.pause.arn)
        CfnOutput(self, "MachineRoleArn", value=self.machine_role.role_arn)
        CfnOutput(self, "TokenUrl", value=self.token_url)
        CfnOutput(self, "OnboardMachineArn", value=self.onboard_machine.attr_arn)

    def _api_url(self) -> str:
        if self.target.name == "local":
            return self.target.endpoint
        return f"https://{self.api.api_id}.execute-api.{self.region}.{self.url_suffix}"

    def _api_host(self) -> str:
        if self.target.name == "aws":
            return ""
        return f"{self.api.api_id}.execute-api.localhost:{self.target.endpoint.rsplit(':', 1)[-1]}"

    def _console(self) -> str:
        if self.target.name == "local":
            return ""
        return f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}#xray:traces/"

    def _stage(self) -> apigw.CfnStage:
        stage = self.api.default_stage.node.default_child if self.api.default_stage else None
        if not isinstance(stage, apigw.CfnStage):
            raise TypeError("the API has no default stage")
        return stage

    def _throttle(self) -> None:
        """All callers together take no more than the operator lets them; each has a limit of its own behind that."""
        rate, burst = requests(self.node)
        self._stage().default_route_settings = apigw.CfnStage.RouteSettingsProperty(
            throttling_rate_limit=rate, throttling_burst_limit=burst
        )

    def _log_access(self) -> None:
        """Who called which route; on AWS."""
        stage = self._stage()
        retention = logs.RetentionDays.THREE_MONTHS
        group = logs.LogGroup(self, "AccessLog", retention=retention, removal_policy=RETAINED)
        parts = ("requestId", "requestTime", "identity.sourceIp", "httpMethod", "path", "status", "responseLatency")
        line = json.dumps({word: f"$context.{word}" for word in parts})
        stage.access_log_settings = apigw.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=line
        )

    def _gate(self) -> PythonFunction:
        foundation = self.foundation
        return PythonFunction(
            self,
            "gate",
            **self.common,
            settings=GateSettings(
                runs_table=foundation.runs.table_name,
                registry_table=foundation.registry.table_name,
                data_bucket=foundation.data.bucket_name,
                ticket_secret=TICKET_SECRET,
                api_id=self.api.api_id,
                api_url=self._api_url(),
                api_host=self._api_host(),
                endpoint_url=self.target.endpoint,
            ),
            allow=[
                Allow(
                    [
                        "dynamodb:BatchGetItem",
                        "dynamodb:GetItem",
                        "dynamodb:PutItem",
                        "dynamodb:UpdateItem",
                        "dynamodb:Query",
                    ],
                    [foundation.runs.table_arn],
                ),
                Allow(["dynamodb:BatchGetItem", "dynamodb:GetItem"], [foundation.registry.table_arn]),
                Allow(["s3:GetObject", "s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
                Allow(["secretsmanager:GetSecretValue"], [foundation.ticket_secret_arn]),
                Allow(
                    ["sts:AssumeRole"],
                    [f"arn:{self.partition}:iam::{self.account}:role/{names.access_role('*', self.region)}"],
                ),
                Allow(
                    ["lambda:InvokeFunction"],
                    [self.arn("lambda", "function:interlock-v-*"), self.arn("lambda", f"function:{PLATFORM_STEP}")],
                ),
            ],
            memory_mb=512,
            timeout_s=limits.LAMBDA_TIMEOUT_SECONDS,
        )

    def _machine_role(self) -> iam.Role:
        allow = [Allow(["lambda:InvokeFunction"], [self.gate.arn, self.pause.arn])]
        return role(self, "MachineRole", "interlock-machines", "states", allow)

    def _api(self) -> PythonFunction:
        foundation, starts = self.foundation, self.events
        authorize = PythonFunction(
            self,
            "authorize",
            **self.common,
            settings=AuthorizeSettings(
                user_pool=foundation.pool.user_pool_id, jwks_url=self._jwks_url(), issuer=self._issuer()
            ),
            memory_mb=512,
        )
        api = PythonFunction(
            self,
            "api",
            **self.common,
            settings=ApiSettings(
                **self.life_settings(),
                artifact_bucket=foundation.artifacts.bucket_name,
                start_queue=starts.start_queue.queue_url,
                user_pool=foundation.pool.user_pool_id,
                token_url=self.token_url,
                onboard_machine=self.onboard_machine.attr_arn,
                target_python=self.target.python,
                target_architecture=self.target.architecture,
                gate=self.gate.arn,
                pause=self.pause.arn,
                loopback_alerts=self.target.name == "local",
                console=self._console(),
                webhook_queue=self.webhooks.queue.queue_url,
                webhook_queue_arn=self.webhooks.queue.queue_arn,
                network=self.network is not None,
            ),
            allow=[*api_permissions(self), *self.webhooks.api_permissions()],
            memory_mb=1024,
        )
        authorizer = authorizers.HttpLambdaAuthorizer(
            "Authorizer",
            authorize.function,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            results_cache_ttl=Duration.minutes(5),
        )
        self.api.add_routes(
            path="/v1/{proxy+}",
            methods=[apigw.HttpMethod.GET, apigw.HttpMethod.POST, apigw.HttpMethod.PUT, apigw.HttpMethod.DELETE],
            integration=integrations.HttpLambdaIntegration("Control", api.function),
            authorizer=authorizer,
        )
        Copilots(self, authorizer)
        return api

    def _runtime_api(self) -> None:
        foundation = self.foundation
        runtime = PythonFunction(
            self,
            "runtime_api",
            **self.common,
            settings=RuntimeApiSettings(
                ticket_secret=TICKET_SECRET,
                registry_table=foundation.registry.table_name,
                runs_table=foundation.runs.table_name,
            ),
            allow=[
                Allow(TABLE_ACTIONS, [self.catalogs]),
                Allow(["dynamodb:Query"], [f"{self.catalogs}/index/gsi1"]),
                Allow(["events:PutEvents"], [self.arn("events", "event-bus/interlock-*")]),
                Allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [foundation.registry.table_arn]),
                Allow(["dynamodb:UpdateItem", "dynamodb:BatchGetItem"], [foundation.runs.table_arn]),
                Allow(["secretsmanager:GetSecretValue"], [foundation.ticket_secret_arn]),
            ],
            memory_mb=512,
        )
        integration = integrations.HttpLambdaIntegration("Runtime", runtime.function)
        for path, method in RUNTIME_ROUTES.items():
            self.add_runtime_route(path, method, integration)
        LanguageModel(self)

    def _issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.{self.url_suffix}/{self.foundation.pool.user_pool_id}"

    def _jwks_url(self) -> str:
        path = "/.well-known/jwks.json"
        if self.target.name == "local":
            return f"{self.target.endpoint}/{self.foundation.pool.user_pool_id}{path}"
        return self._issuer() + path

    def _token_url(self) -> str:
        if self.target.name == "local":
            return f"{self.target.endpoint}/oauth2/token"
        # In aws-us-gov the pages of sign-in have FIPS endpoints alone:
        # https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html
        gov = CfnCondition(self, "InGovCloud", expression=Fn.condition_equals(self.partition, "aws-us-gov"))
        host = Fn.condition_if(gov.logical_id, "auth-fips", "auth").to_string()
        return f"https://interlock-{self.account}-{self.region}.{host}.{self.region}.amazoncognito.com/oauth2/token"
