"""What the parts of the control stack share: they are built in it, and see one another through this."""

from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from infra.events import Events
from infra.foundation import Foundation
from infra.python_function import PythonFunction
from infra.roles import Cell
from infra.target import DeployTarget


class Core(Cell):
    """The control stack, as its parts see it."""

    foundation: Foundation
    events: Events
    target: DeployTarget
    common: dict[str, object]
    api: apigw.HttpApi
    gate: PythonFunction
    pause: PythonFunction
    machine_role: iam.Role
    onboard_machine: sfn.CfnStateMachine

    def catalogs(self) -> list[str]:
        """Every tenant's catalog table and its index: the functions that serve them decide whose."""
        table = self.arn("dynamodb", "table/interlock-catalog-*")
        return [table, f"{table}/index/gsi1"]
