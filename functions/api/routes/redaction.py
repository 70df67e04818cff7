"""Routes of a tenant's redaction rules: fields that are sensitive in every run."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from functions.api import contexts
from functions.api.parameters import TenantId
from functions.api.routing import route
from interlock.contract.debug_step import RedactionRule
from interlock.contract.registry import Tenant
from interlock.control.inspection import recorded_step

REDACT = "/v1/tenants/<tenant>/redact"
Rule = Annotated[str, Query(description="The rule that is removed.", examples=["customer.email"])]


@route("POST", REDACT, "redaction_rules.create", action="setRedaction")
def create_redaction_rule(tenant: TenantId, added: Annotated[RedactionRule, Body()]) -> Tenant:
    """Mark a field as sensitive in every run of the tenant that starts from now on, and in every export."""
    return recorded_step.set_redaction(contexts.registry(), tenant, added.rule, wanted=True)


@route("DELETE", REDACT, "redaction_rules.delete", action="setRedaction")
def delete_redaction_rule(tenant: TenantId, rule: Rule) -> Tenant:
    """Remove a redaction rule."""
    return recorded_step.set_redaction(contexts.registry(), tenant, rule, wanted=False)
