"""The scheduled maintenance of usage. Each hour it rolls up the last day, measures storage, and checks budgets."""

from collections.abc import Callable
from datetime import datetime

from interlock.aws.services import objects
from interlock.aws.services.event_bus import put_event
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import names
from interlock.contract.event import USAGE_SOURCE
from interlock.contract.quota import INSTALL_DEFAULT
from interlock.contract.registry import Install, InstallStatus, Tenant
from interlock.contract.usage import Budget
from interlock.control.clocks import InTime, Round, always, look_at_each
from interlock.control.usage.admission import quotas_of
from interlock.control.usage.report import note_notified, passed_shares, roll_up, yesterday


def roll_up_usage(
    registry: Registry, usages: UsageRecords, bucket: str, now: datetime, in_time: InTime = always
) -> Round[str]:
    """Roll up usage, measure storage, count what is under way and notify budgets, tenant by tenant."""
    day = yesterday(now)

    def look(tenant: Tenant) -> None:
        roll_up(usages, tenant.id, day)
        whole, _ = quotas_of(tenant)
        measure_storage(registry, bucket, tenant.id, whole.storage_bytes)

    tenants = look_at_each(registry.tenants(), look, lambda tenant: tenant.id, in_time)
    budgets = look_at_each(
        usages.budgets(),
        lambda row: notify_budget(usages, row[0], row[1], now),
        lambda row: f"the budget of {row[0]}",
        in_time,
    )
    return Round(
        tuple(tenant.id for tenant in tenants.seen),
        (*(tenant.id for tenant in tenants.failed), *(tenant for tenant, _ in budgets.failed)),
        ended=tenants.ended and budgets.ended,
    )


def notify_budget(usages: UsageRecords, tenant: str, budget: Budget, now: datetime) -> None:
    """Notify a tenant of what its usage passed. The same share has the same id, so that a second one is known."""
    details = passed_shares(usages, tenant, budget, now)
    for detail in details:
        put_event(detail.tenant, USAGE_SOURCE, detail.type.value, detail.model_dump_json())
    if details:
        note_notified(usages, tenant, budget, details)


def measure_storage(registry: Registry, bucket: str, tenant: str, most: int) -> int:
    """Measure the state of a tenant's installs. Above a quota of the install or the tenant, nothing more can be stored.

    Returns:
        The tenant's bytes.
    """
    weights: dict[str, int] = {}
    installs = [
        one for one in registry.installs(tenant) if one.status is InstallStatus.ACTIVE and "state" in one.granted
    ]
    for install in installs:
        weights[install.id] = objects.total_size(bucket, names.state_prefix(tenant, install.id))
    total = sum(weights.values())
    for install in installs:
        own = (install.quotas or INSTALL_DEFAULT).storage_bytes
        full = total > most or weights[install.id] > own
        registry.change_install(tenant, install.id, _with_storage(weights[install.id], full=full))
    return total


def _with_storage(weight: int, *, full: bool) -> Callable[[Install], Install]:
    return lambda latest: latest.model_copy(update={"stored_bytes": weight, "full": full})
