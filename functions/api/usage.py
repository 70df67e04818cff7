"""Routes of usage, budgets and quotas."""

from datetime import UTC, datetime
from functools import cache

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry, settings, word
from interlock.aws.tables.usage import Usages
from interlock.contract.core.failure import BadRequest
from interlock.contract.quota import Quotas
from interlock.contract.usage import Budget, By, as_csv
from interlock.control.usage.quotas import set_install_quotas, set_tenant_quotas, show_quotas
from interlock.control.usage.report import app_usage, read_budget, tenant_usage

KINDS: dict[str, By] = {"day": "day", "app": "app", "version": "version", "workflow": "workflow", "step": "step"}


@cache
def usages() -> Usages:
    """What runs used, once in a process."""
    return Usages(settings().runs_table)


@app.get("/v1/tenants/<tenant>/usage")
def tenants(tenant: str) -> Response[str]:
    """What a tenant used, by `by`, from `since` to `until` (days, UTC); `format=csv` for a table."""
    caller("readUsage", f"tenant/{tenant}")
    found = tenant_usage(usages(), tenant, *_days(), _by("app"))
    if word("format") == "csv":
        return Response(status_code=200, content_type="text/csv", body=as_csv(found))
    return ok(found)


@app.get("/v1/publishers/<publisher>/apps/<name>/usage")
def apps(publisher: str, name: str) -> Response[str]:
    """What all tenants together used of an app."""
    caller("readPublisher", f"publisher/{publisher}")
    return ok(app_usage(usages(), f"{publisher}/{name}", *_days(), _by("version")))


@app.get("/v1/tenants/<tenant>/budget")
def budget(tenant: str) -> Response[str]:
    """A tenant's budget."""
    caller("readUsage", f"tenant/{tenant}")
    return ok(read_budget(usages(), tenant))


@app.put("/v1/tenants/<tenant>/budget")
def set_budget(tenant: str) -> Response[str]:
    """Set a tenant's monthly budget."""
    caller("setBudget", f"tenant/{tenant}")
    found = Budget.model_validate_json(body()).model_copy(update={"told": {}})
    usages().write_budget(registry().tenant(tenant).id, found)
    return ok(found)


@app.delete("/v1/tenants/<tenant>/budget")
def drop_budget(tenant: str) -> Response[str]:
    """Take a tenant's budget away."""
    caller("setBudget", f"tenant/{tenant}")
    found = read_budget(usages(), tenant)
    usages().write_budget(tenant, None)
    return ok(found)


@app.get("/v1/tenants/<tenant>/quotas")
def quotas(tenant: str) -> Response[str]:
    """The quotas of a tenant and of its installs, with what of them is in use."""
    caller("readUsage", f"tenant/{tenant}")
    return ok(show_quotas(registry(), settings().runs_table, tenant))


@app.put("/v1/tenants/<tenant>/quotas")
def tenant_quotas(tenant: str) -> Response[str]:
    """Set a tenant's quotas; for operators."""
    caller("setQuotas")
    return ok(set_tenant_quotas(registry(), tenant, Quotas.model_validate_json(body())))


@app.put("/v1/tenants/<tenant>/installs/<install>/quotas")
def install_quotas(tenant: str, install: str) -> Response[str]:
    """Set an install's quotas."""
    caller("install", f"tenant/{tenant}")
    return ok(set_install_quotas(registry(), tenant, install, Quotas.model_validate_json(body())))


def _days() -> tuple[str, str]:
    today = datetime.now(UTC).date()
    return word("since", today.replace(day=1).isoformat()), word("until", today.isoformat())


def _by(default: str) -> By:
    wanted = word("by", default)
    if wanted not in KINDS:
        raise BadRequest(f"{wanted!r} is no way to sum up", where="by", next_step=f"Choose one of {', '.join(KINDS)}.")
    return KINDS[wanted]
