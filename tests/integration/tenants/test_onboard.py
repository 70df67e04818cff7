"""Onboarding: whose names can be taken."""

from __future__ import annotations

import pytest

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.core.settings import PublishSettings
from interlock.contract.registration import NewTenant
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.trial import ready_sandbox
from interlock.control.tenants.identities import IdentityContext
from interlock.control.tenants.registration import register_tenant
from tests.support.cloud import Cloud


def test_the_platforms_tenant_is_onboarded_by_trials_alone(cloud: Cloud, pool: str) -> None:
    context = IdentityContext(cloud.registry, pool, "t")
    machine = client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"]
    with pytest.raises(Conflict) as refused:
        register_tenant(context, machine, NewTenant(id=names.SANDBOX))
    assert refused.value.code == "tenant-reserved"
    with pytest.raises(NotFound):
        cloud.registry.tenant(names.SANDBOX)
    fields = dict.fromkeys(PublishSettings.model_fields, "x") | {"onboard_machine": machine, "auto_review": False}
    assert not ready_sandbox(PublishContext(registry=cloud.registry, settings=PublishSettings.model_validate(fields)))
    assert cloud.registry.tenant(names.SANDBOX).status == "onboarding"
    begun = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert [row["name"].partition("-")[0] for row in begun] == [names.SANDBOX]
    assert register_tenant(context, machine, NewTenant(id="globex")).tenant.status == "onboarding"
