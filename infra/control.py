"""Control: the HTTP API, the gate, and the platform's own workflows."""

import json
from pathlib import Path

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.deploy_roles import onboard_deploy_role, publish_deploy_role
from infra.events import Events
from infra.foundation import TICKET_SECRET, Foundation
from infra.python_function import PythonFunction
from infra.roles import Allow, Cell, role
from interlock.contract import limits
from interlock.contract.settings import (
    ApiSettings,
    AuthorizeSettings,
    GateSettings,
    OnboardSettings,
    PauseSettings,
    PublishSettings,
    RuntimeApiSettings,
    StartPublishSettings,
)

MACHINES = Path(__file__).parent.parent / "statemachines"
TABLE_ACTIONS = [f"dynamodb:{action}" for action in ("GetItem", "PutItem", "Query", "BatchGetItem", "DeleteItem")]
RUNTIME_ROUTES = {
    "/runtime/assets": apigw.HttpMethod.GET,
    "/runtime/assets:batch": apigw.HttpMethod.POST,
    "/runtime/events": apigw.HttpMethod.POST,
}


class Control(Cell):
    """HTTP API, functions, pipelines."""

    def __init__(self, scope: Construct, name: str, *, foundation: Foundation, events: Events, **words: object) -> None:
        """Make the stack."""
        super().__init__(scope, name, **words)
        self.foundation = foundation
        self.events = events
        self.target = foundation.target
        self.common = {"target": foundation.target, "code": foundation.code, "layer": foundation.layer}
        self.api = apigw.HttpApi(self, "HttpApi", api_name="interlock", create_default_stage=True)
        if self.target.name == "aws":
            self._log_access()
        self.gate = self._gate()
        self.pause = PythonFunction(
            self,
            "pause",
            **self.common,
            settings=PauseSettings(runs_table=foundation.runs.table_name),
            allow=[Allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], [foundation.runs.table_arn])],
        )
        self.machine_role = self._machine_role()
        self._publish()
        self.onboard_machine = self._onboard()
        self.api_function = self._api()
        self._runtime_api()
        CfnOutput(self, "ApiId", value=self.api.api_id)
        CfnOutput(self, "ApiUrl", value=self._api_url())
        CfnOutput(self, "GateArn", value=self.gate.arn)
        CfnOutput(self, "GateRoleArn", value=self.gate.role.role_arn)
        CfnOutput(self, "PauseArn", value=self.pause.arn)
        CfnOutput(self, "MachineRoleArn", value=self.machine_role.role_arn)
        CfnOutput(self, "TokenUrl", value=self._token_url())
        CfnOutput(self, "OnboardMachineArn", value=self.onboard_machine.attr_arn)

    def _api_url(self) -> str:
        if self.target.name == "local":
            return self.target.endpoint
        return f"https://{self.api.api_id}.execute-api.{self.region}.{self.url_suffix}"

    def _api_host(self) -> str:
        if self.target.name == "aws":
            return ""
        return f"{self.api.api_id}.execute-api.localhost:{self.target.endpoint.rsplit(':', 1)[-1]}"

    def _catalogs(self) -> list[str]:
        """Every tenant's catalog table and its index: the functions that serve them decide whose."""
        table = self.arn("dynamodb", "table/interlock-catalog-*")
        return [table, f"{table}/index/gsi1"]

    def _console(self) -> str:
        if self.target.name == "local":
            return ""
        return f"https://{self.region}.console.aws.amazon.com/cloudwatch/home?region={self.region}#xray:traces/"

    def _log_access(self) -> None:
        """Who called which route; on AWS."""
        stage = self.api.default_stage.node.default_child if self.api.default_stage else None
        if not isinstance(stage, apigw.CfnStage):
            raise TypeError("the API has no default stage")
        group = logs.LogGroup(self, "AccessLog", retention=logs.RetentionDays.THREE_MONTHS)
        words = ("requestId", "requestTime", "identity.sourceIp", "httpMethod", "path", "status", "responseLatency")
        line = json.dumps({word: f"$context.{word}" for word in words})
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
                Allow(["sts:AssumeRole"], [f"arn:{self.partition}:iam::{self.account}:role/interlock-access-*"]),
                Allow(["lambda:InvokeFunction"], [self.arn("lambda", "function:interlock-v-*")]),
            ],
            memory_mb=512,
            timeout_s=limits.LAMBDA_TIMEOUT_SECONDS,
        )

    def _machine_role(self) -> iam.Role:
        allow = [Allow(["lambda:InvokeFunction"], [self.gate.arn, self.pause.arn])]
        return role(self, "MachineRole", "interlock-machines", "states", allow)

    def _publish(self) -> None:
        foundation = self.foundation
        deploy_role = publish_deploy_role(self, foundation, self.machine_role)
        artifacts = foundation.artifacts
        publish = PythonFunction(
            self,
            "publish",
            **self.common,
            settings=PublishSettings(
                registry_table=foundation.registry.table_name,
                artifact_bucket=artifacts.bucket_name,
                signing_key=foundation.signing_key.key_arn,
                gate_arn=self.gate.arn,
                pause_arn=self.pause.arn,
                machine_role=self.machine_role.role_arn,
                step_boundary=foundation.step_boundary.managed_policy_arn,
                sdk_layer=foundation.sdk_layer.layer_version_arn,
                target_python=self.target.python,
                target_architecture=self.target.architecture,
                deploy_role=deploy_role.role_arn,
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [foundation.registry.table_arn]),
                Allow(
                    ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"],
                    [artifacts.arn_for_objects("uploads/*"), artifacts.arn_for_objects("versions/*")],
                ),
                Allow(["s3:ListBucket"], [artifacts.bucket_arn]),
                Allow(
                    ["cloudformation:CreateStack", "cloudformation:DescribeStacks", "cloudformation:DeleteStack"],
                    [self.arn("cloudformation", "stack/interlock-v-*/*")],
                ),
                Allow(["iam:PassRole"], [deploy_role.role_arn]),
                Allow(["kms:Sign"], [foundation.signing_key.key_arn]),
            ],
            memory_mb=1024,
            timeout_s=120,
        )
        machine = self._machine("publish", publish)
        self._start_publish(machine)

    def _start_publish(self, machine: sfn.CfnStateMachine) -> None:
        """An upload's arrival starts the publish machine, named by the object's VersionId."""
        artifacts = self.foundation.artifacts
        queue = self.events.upload_queue
        start = PythonFunction(
            self,
            "start_publish",
            **self.common,
            settings=StartPublishSettings(publish_machine=machine.attr_arn),
            allow=[
                Allow(["states:StartExecution"], [machine.attr_arn]),
                Allow(["s3:GetObject", "s3:GetObjectVersion"], [artifacts.arn_for_objects("uploads/*")]),
                Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [queue.queue_arn]),
            ],
        )
        start.function.add_event_source(sources.SqsEventSource(queue, batch_size=1, report_batch_item_failures=True))

    def _onboard(self) -> sfn.CfnStateMachine:
        foundation = self.foundation
        deploy_role = onboard_deploy_role(self, self.events.stream_function)
        onboard = PythonFunction(
            self,
            "onboard",
            **self.common,
            settings=OnboardSettings(
                registry_table=foundation.registry.table_name,
                data_bucket=foundation.data.bucket_name,
                gate_role=self.gate.role.role_arn,
                stream_function=self.events.stream_function.arn,
                event_log_queue=self.events.log_queue.queue_arn,
                api_id=self.api.api_id,
                deploy_role=deploy_role.role_arn,
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:PutItem"], [foundation.registry.table_arn]),
                Allow(
                    ["cloudformation:CreateStack", "cloudformation:DescribeStacks"],
                    [self.arn("cloudformation", "stack/interlock-t-*/*")],
                ),
                Allow(["iam:PassRole"], [deploy_role.role_arn]),
            ],
            timeout_s=60,
        )
        return self._machine("onboard", onboard)

    def _machine(self, name: str, function: PythonFunction) -> sfn.CfnStateMachine:
        traced = self.target.name == "aws"
        allow = [Allow(["lambda:InvokeFunction"], [function.arn])]
        allow += [Allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"])] if traced else []
        machine_role = role(self, f"{name.title()}MachineRole", f"interlock-{name}-machine", "states", allow)
        definition = json.loads((MACHINES / f"{name}.asl.json").read_text())
        return sfn.CfnStateMachine(
            self,
            f"{name.title()}Machine",
            state_machine_name=f"interlock-{name}",
            role_arn=machine_role.role_arn,
            definition_string=json.dumps(definition),
            definition_substitutions={"Function": function.arn},
            tracing_configuration=sfn.CfnStateMachine.TracingConfigurationProperty(enabled=True) if traced else None,
        )

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
                runs_table=foundation.runs.table_name,
                registry_table=foundation.registry.table_name,
                data_bucket=foundation.data.bucket_name,
                artifact_bucket=foundation.artifacts.bucket_name,
                start_queue=starts.start_queue.queue_url,
                start_queue_arn=starts.start_queue.queue_arn,
                user_pool=foundation.pool.user_pool_id,
                token_url=self._token_url(),
                onboard_machine=self.onboard_machine.attr_arn,
                target_python=self.target.python,
                target_architecture=self.target.architecture,
                schedule_role=starts.schedule_role.role_arn,
                schedule_group="interlock",
                partition=self.partition,
                region=self.region,
                account=self.account,
                api_id=self.api.api_id,
                gate=self.gate.arn,
                loopback_alerts=self.target.name == "local",
            ),
            allow=[
                Allow(["lambda:InvokeFunction"], [self.gate.arn]),
                Allow(["states:GetExecutionHistory"], [self.arn("states", "execution:interlock-v-*")]),
                Allow(["dynamodb:UpdateItem"], [foundation.runs.table_arn]),
                # X-Ray knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
                Allow(["xray:BatchGetTraces"], ["*"]),
                Allow(
                    TABLE_ACTIONS,
                    [
                        foundation.runs.table_arn,
                        f"{foundation.runs.table_arn}/index/gsi1",
                        f"{foundation.runs.table_arn}/index/gsi3",
                        f"{foundation.runs.table_arn}/index/gsi4",
                        f"{foundation.runs.table_arn}/index/gsi5",
                        foundation.registry.table_arn,
                        f"{foundation.registry.table_arn}/index/gsi1",
                        *self._catalogs(),
                    ],
                ),
                Allow(["s3:GetObject", "s3:PutObject"], [foundation.data.arn_for_objects("runs/*")]),
                Allow(["s3:PutObject"], [foundation.artifacts.arn_for_objects("uploads/*")]),
                # What a debugger fetches by presigned URLs: the bundle, and what a tenant's admin permits.
                Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/bundle.zip")]),
                Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/workflows/*")]),
                Allow(["s3:GetObject"], [foundation.artifacts.arn_for_objects("versions/*/places.json")]),
                Allow(["secretsmanager:GetSecretValue"], [self.arn("secretsmanager", "secret:interlock/*")]),
                Allow(["sqs:SendMessage"], [starts.start_queue.queue_arn]),
                Allow(
                    [
                        "cognito-idp:AdminCreateUser",
                        "cognito-idp:CreateUserPoolClient",
                        "cognito-idp:DeleteUserPoolClient",
                        "cognito-idp:AdminGetUser",
                    ],
                    [foundation.pool.user_pool_arn],
                ),
                Allow(["states:StartExecution"], [self.onboard_machine.attr_arn]),
                # A task token names no resource: these two actions are granted on all or on none.
                Allow(["states:SendTaskSuccess", "states:SendTaskFailure"], ["*"]),
                Allow(["events:PutEvents"], [self.arn("events", "event-bus/interlock-*")]),
                Allow(
                    ["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule"],
                    [self.arn("events", "rule/interlock-*")],
                ),
                Allow(
                    ["scheduler:CreateSchedule", "scheduler:DeleteSchedule"],
                    [self.arn("scheduler", "schedule/interlock/*")],
                ),
                Allow(["iam:PassRole"], [starts.schedule_role.role_arn]),
                Allow(
                    ["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"],
                    [self.arn("secretsmanager", "secret:interlock/*")],
                ),
            ],
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
        return api

    def _runtime_api(self) -> None:
        foundation = self.foundation
        runtime = PythonFunction(
            self,
            "runtime_api",
            **self.common,
            settings=RuntimeApiSettings(ticket_secret=TICKET_SECRET),
            allow=[
                Allow(
                    TABLE_ACTIONS,
                    self._catalogs(),
                ),
                Allow(["events:PutEvents"], [self.arn("events", "event-bus/interlock-*")]),
                Allow(["secretsmanager:GetSecretValue"], [foundation.ticket_secret_arn]),
            ],
            memory_mb=512,
        )
        integration = integrations.HttpLambdaIntegration("Runtime", runtime.function)
        for path, method in RUNTIME_ROUTES.items():
            self.api.add_routes(
                path=path, methods=[method], integration=integration, authorizer=authorizers.HttpIamAuthorizer()
            )

    def _issuer(self) -> str:
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.foundation.pool.user_pool_id}"

    def _jwks_url(self) -> str:
        path = "/.well-known/jwks.json"
        if self.target.name == "local":
            return f"{self.target.endpoint}/{self.foundation.pool.user_pool_id}{path}"
        return self._issuer() + path

    def _token_url(self) -> str:
        if self.target.name == "local":
            return f"{self.target.endpoint}/oauth2/token"
        return f"https://interlock-{self.account}.auth.{self.region}.amazoncognito.com/oauth2/token"
