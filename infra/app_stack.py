"""A first-party app's version, deployed by `cdk deploy` from a bundle, by the compiler's own template.

Self-serve publishing deploys the same template with other parameters: Resources are the same bytes. Only Control's
registry knows what is listed, so a version deployed here is listed by publishing it, which finds the stack in place.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import aws_s3_assets as assets
from aws_cdk import cloudformation_include as include
from constructs import Construct

from infra.roles import DeploymentStack
from infra.target import DeployTarget
from interlock.compiler.archive import read_archive
from interlock.compiler.plan import plan_version
from interlock.compiler.template import stack_name, stack_parameters, version_template
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import Finding


@dataclass(frozen=True)
class PlatformArns:
    """What a version stack refers to; the outputs of Foundation and Control."""

    gate: str
    pause: str
    machine_role: str
    step_boundary: str
    sdk_layer: str
    subnets: str = ""
    security_group: str = ""


def arns_of(outputs: Mapping[str, Mapping[str, str]]) -> PlatformArns:
    """Read what `cdk deploy --outputs-file` wrote for the platform's stacks."""
    foundation, control = outputs["interlock-foundation"], outputs["interlock-control"]
    return PlatformArns(
        gate=control["GateArn"],
        pause=control["PauseArn"],
        machine_role=control["MachineRoleArn"],
        step_boundary=foundation["StepBoundaryArn"],
        sdk_layer=control["SdkLayerArn"],
        subnets=outputs.get("interlock-network", {}).get("Subnets", ""),
        security_group=outputs.get("interlock-network", {}).get("SecurityGroup", ""),
    )


def plan_bundle(bundle: Path) -> VersionPlan:
    """Validate and plan a packed bundle.

    Raises:
        Rejected: it has findings.
    """
    read = read_archive(bundle.read_bytes())
    planned: tuple[Finding, ...] | VersionPlan = read if isinstance(read, tuple) else plan_version(read)
    if isinstance(planned, tuple):
        raise Rejected(f"{bundle.name} has {len(planned)} findings: {planned[0].what}", planned)
    return planned


class AppStack(DeploymentStack):
    """The version of one bundle. It needs an explicit account and region: a template's defaults are literal."""

    def __init__(
        self, scope: Construct, *, bundle: Path, platform: PlatformArns, target: DeployTarget, **fields: object
    ) -> None:
        """Make the stack, named as self-serve would name it.

        Args:
            scope: the app.
            bundle: what `interlock app pack` wrote.
            platform: the platform that will run it.
            target: AWS or the embedded engine.
            **fields: of every stack.
        """
        plan = plan_bundle(bundle)
        super().__init__(scope, stack_name(plan), **fields)
        code = assets.Asset(self, "Bundle", path=str(bundle))
        folder = Path(tempfile.mkdtemp(prefix="interlock-app-"))
        template = folder / "version.template.json"
        template.write_text(version_template(plan))
        version = include.CfnInclude(self, "Version", template_file=str(template))
        values = {
            "CodeBucket": code.s3_bucket_name,
            "CodeKey": code.s3_object_key,
            "CodeVersion": "",
            "DefinitionBucket": code.s3_bucket_name,
            "Gate": platform.gate,
            "Pause": platform.pause,
            "MachineRole": platform.machine_role,
            "StepBoundary": platform.step_boundary,
            "SdkLayer": platform.sdk_layer,
            "Runtime": target.runtime,
            "Architecture": target.architecture,
            "Subnets": platform.subnets,
            "SecurityGroup": platform.security_group,
        }
        definitions: dict[str, tuple[str, str]] = {}
        for machine in plan.machines:
            file = folder / f"{machine.workflow}.asl.json"
            file.write_text(machine.definition)
            asset = assets.Asset(self, f"Definition{machine.logical}", path=str(file))
            definitions[machine.workflow] = (asset.s3_object_key, "")
        for name, value in stack_parameters(plan, values, definitions).items():
            version.get_parameter(name).default = value
