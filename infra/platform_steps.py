"""The function of the platform's own steps: no rights but its log and traces, one environment for each tenant."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.core import Core
from infra.python_function import PythonFunction
from infra.roles import Allow
from interlock.compiler.template import INTERFACES
from interlock.contract.core.settings import PlatformStepSettings
from interlock.contract.platform_step import SECONDS


class PlatformSteps(Construct):
    """The function `platform_step`."""

    def __init__(self, core: Core) -> None:
        """Make the function.

        Args:
            core: the control stack.
        """
        super().__init__(core, "PlatformSteps")
        function = PythonFunction(
            self,
            "platform_step",
            **core.common,
            settings=PlatformStepSettings(loopback=core.target.name == "local"),
            allow=[Allow(INTERFACES, ["*"])] if core.network else [],
            memory_mb=512,
            timeout_s=SECONDS,
        )
        bare = function.function.node.default_child
        if not isinstance(bare, lambda_.CfnFunction):
            raise TypeError("the function of platform steps has no resource")
        if core.network:
            bare.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
                subnet_ids=list(core.network.subnets), security_group_ids=[core.network.security_group]
            )
        bare.tenancy_config = lambda_.CfnFunction.TenancyConfigProperty(tenant_isolation_mode="PER_TENANT")
