"""A tenant, deployed by `cdk deploy`, by the compiler's own template: the same Resources as self-serve onboarding."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from aws_cdk import cloudformation_include as include
from constructs import Construct

from infra.roles import DeploymentStack
from interlock.compiler.tenant_template import tenant_template
from interlock.contract.core import names


@dataclass(frozen=True)
class TenantValues:
    """What a tenant's template is told; the names of its parameters, as fields."""

    tenant: str
    gate_role: str
    stream_function: str
    data_bucket: str
    event_log_queue: str
    api_id: str
    access_boundary: str
    change_letters: str
    rule_letters: str


def values_of(outputs: Mapping[str, Mapping[str, str]], tenant: str) -> TenantValues:
    """Read what `cdk deploy --outputs-file` wrote for the platform's stacks."""
    foundation, events, control = (outputs[f"interlock-{word}"] for word in ("foundation", "events", "control"))
    return TenantValues(
        tenant=tenant,
        gate_role=control["GateRoleArn"],
        stream_function=events["StreamFunctionArn"],
        data_bucket=foundation["DataBucket"],
        event_log_queue=events["EventLogQueueArn"],
        api_id=control["ApiId"],
        access_boundary=control["AccessBoundaryArn"],
        change_letters=events["ChangeLettersArn"],
        rule_letters=events["RuleLettersArn"],
    )


class TenantStack(DeploymentStack):
    """One tenant's bus, catalog and access role."""

    def __init__(self, scope: Construct, values: TenantValues, **fields: object) -> None:
        """Make the stack, named as self-serve would name it."""
        super().__init__(scope, names.tenant_stack(values.tenant), **fields)
        template = Path(tempfile.mkdtemp(prefix="interlock-tenant-")) / "tenant.template.json"
        template.write_text(tenant_template())
        tenant = include.CfnInclude(self, "Tenant", template_file=str(template))
        for field, value in asdict(values).items():
            tenant.get_parameter("".join(word.title() for word in field.split("_"))).default = value
