"""What the parts of the control stack share: they are built in it, and see one another through this."""

from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from infra.events import Events
from infra.foundation import Foundation
from infra.network import StepNetwork
from infra.python_function import PythonFunction
from infra.roles import DeploymentStack
from infra.target import DeployTarget


class Core(DeploymentStack):
    """The control stack, as its parts see it."""

    foundation: Foundation
    events: Events
    target: DeployTarget
    common: dict[str, object]
    sdk_layer: lambda_.LayerVersion
    api: apigw.HttpApi
    network: StepNetwork | None
    """Where steps run, where the operator turned it on."""
    gate: PythonFunction
    pause: PythonFunction
    machine_role: iam.Role
    approve: PythonFunction
    """Asks people, for the platform's own workflows."""
    onboard_machine: sfn.CfnStateMachine

    def machine_arn(self, name: str) -> str:
        """One of the platform's own workflows, by its name: also for who is made before it."""
        return self.arn("states", f"stateMachine:interlock-{name}")

    def life_machines(self) -> list[str]:
        """The workflows that change installs and tenants."""
        return [self.machine_arn(name) for name in ("install", "upgrade", "uninstall", "offboard", "rollout")]

    def life_settings(self) -> dict[str, str]:
        """What changes of installs work with (`contract.settings.LifeSettings`)."""
        return {
            "runs_table": self.foundation.runs.table_name,
            "registry_table": self.foundation.registry.table_name,
            "data_bucket": self.foundation.data.bucket_name,
            "start_queue_arn": self.events.start_queue.queue_arn,
            "schedule_role": self.events.schedule_role.role_arn,
            "schedule_group": "interlock",
            "partition": self.partition,
            "region": self.region,
            "account": self.account,
            "api_id": self.api.api_id,
            "install_machine": self.machine_arn("install"),
            "upgrade_machine": self.machine_arn("upgrade"),
            "uninstall_machine": self.machine_arn("uninstall"),
            "offboard_machine": self.machine_arn("offboard"),
            "rollout_machine": self.machine_arn("rollout"),
            "signing_key": self.foundation.signing_key.key_arn,
        }

    def add_runtime_route(
        self, path: str, method: apigw.HttpMethod, integration: integrations.HttpLambdaIntegration
    ) -> None:
        """Let steps call a function, by a path below /runtime/."""
        self.api.add_routes(
            path=path, methods=[method], integration=integration, authorizer=authorizers.HttpIamAuthorizer()
        )

    @property
    def catalogs(self) -> str:
        """Every tenant's catalog table: the functions that serve them decide whose."""
        return self.arn("dynamodb", "table/interlock-catalog-*")
