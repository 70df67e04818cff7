"""The quotas of a tenant and its installs: read with what is in use of them, and set."""

from interlock.aws.tables.counters import Counters, InUse
from interlock.aws.tables.model_use import ModelUses
from interlock.aws.tables.registry import Registry
from interlock.contract.core.base import today
from interlock.contract.quota import QuotaLine, QuotaReport, Quotas
from interlock.contract.registry import Install, InstallStatus, Tenant
from interlock.control.usage.admission import quotas_of


def show_quotas(registry: Registry, runs_table: str, tenant: str) -> QuotaReport:
    """The quotas of a tenant, and what is in use of them.

    Raises:
        NotFound: no such tenant.
    """
    current = registry.tenant(tenant)
    used = Counters(runs_table).in_use(tenant, today())
    installs = [one for one in registry.installs(tenant) if one.status is InstallStatus.ACTIVE]
    tokens = ModelUses(runs_table).tokens(tenant, today())
    whole = QuotaLine(
        quotas=quotas_of(current)[0],
        runs_under_way=used.runs,
        steps_under_way=used.steps,
        step_seconds_today=used.milliseconds / 1000,
        model_tokens_today=tokens[""],
        stored_bytes=sum(one.stored_bytes for one in installs),
    )
    return QuotaReport(lines=(whole, *(_line(current, one, used, tokens.get(one.id, 0)) for one in installs)))


def set_tenant_quotas(registry: Registry, tenant: str, quotas: Quotas) -> Tenant:
    """Set a tenant's quotas; NotFound where there is none."""
    return registry.change_tenant(tenant, lambda current: current.model_copy(update={"quotas": quotas}))


def set_install_quotas(registry: Registry, tenant: str, install: str, quotas: Quotas) -> Install:
    """Set an install's quotas; NotFound where there is none."""
    return registry.change_install(tenant, install, lambda current: current.model_copy(update={"quotas": quotas}))


def _line(tenant: Tenant, install: Install, used: InUse, tokens: int) -> QuotaLine:
    return QuotaLine(
        install=install.id,
        app=install.app,
        install_name=install.name,
        quotas=quotas_of(tenant, install)[1],
        runs_under_way=used.runs_of.get(install.id, 0),
        steps_under_way=used.steps_of.get(install.id, 0),
        step_seconds_today=used.milliseconds_of.get(install.id, 0) / 1000,
        model_tokens_today=tokens,
        stored_bytes=install.stored_bytes,
    )
