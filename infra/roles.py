"""Roles with literal permissions: all of a role's statements stand in the role itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from interlock.contract.core import names


class DeploymentStack(Stack):
    """A stack that writes ARNs of its own account and region."""

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class Allow:
    """One statement of a role's policy."""

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: dict[str, dict[str, str]] | None = field(default=None)

    def statement(self) -> iam.PolicyStatement:
        """As CDK writes it."""
        return iam.PolicyStatement(
            actions=list(self.actions), resources=list(self.resources), conditions=self.conditions
        )


def role(
    scope: Construct,
    name: str,
    physical: str,
    service: str,
    allow: Sequence[Allow],
    more: Sequence[iam.PolicyStatement] = (),
) -> iam.Role:
    """A role of one service.

    Args:
        scope: the stack or construct.
        name: the construct's name.
        physical: the role's name in AWS, less the region: IAM's names are shared over regions.
        service: who may take it: `lambda`, `states`, `cloudformation`, `scheduler`.
        allow: what it may do.
        more: statements that deny.
    """
    document = iam.PolicyDocument(statements=[*(one.statement() for one in allow), *more])
    return iam.Role(
        scope,
        name,
        role_name=names.of_region(physical, Stack.of(scope).region),
        assumed_by=iam.ServicePrincipal(f"{service}.amazonaws.com"),
        inline_policies={"allow": document},
    )
