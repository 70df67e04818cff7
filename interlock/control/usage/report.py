"""Usage.

Today's is computed from the runs that ended today, earlier days are rolled up once. Budgets notify as they are spent.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.event import BudgetDetail, UsageEvent
from interlock.contract.price import PRICES
from interlock.contract.usage import SHARES, AppBy, Budget, By, UsageReport, UsageRow, report, rolled_up

MAX_DAYS = 366


def tenant_usage(usages: UsageRecords, tenant: str, since: str, until: str, by: By = "app") -> UsageReport:
    """What a tenant used on the days from `since` to `until`.

    Raises:
        BadRequest: a day that is none, or more than MAX_DAYS of them.
    """
    days = days_of(since, until)
    rolled = usages.rolled(tenant, days[0], days[-1])
    rows = (row for day in days for row in rolled.get(day, ()) or _of_day(usages, tenant, day))
    return report(rows, by, days)


def app_usage(usages: UsageRecords, app: str, since: str, until: str, by: AppBy = "version") -> UsageReport:
    """The usage of an app in all tenants together, of the last days, without naming a tenant.

    Raises:
        BadRequest: a day that is none, or too many of them.
    """
    days = days_of(since, until)
    rows = (row for day in days for row in usages.of_app(app, day))
    return report(rows, by, days)


def roll_up(usages: UsageRecords, tenant: str, day: str) -> int:
    """Roll up a day of a tenant; a repetition gives the same. Return the number of rows."""
    rows = rolled_up(usages.of_runs(tenant, day))
    usages.roll_up(tenant, day, rows)
    return len(rows)


def days_of(since: str, until: str) -> list[str]:
    """The days from one to another, both with it.

    Raises:
        BadRequest: one is no day, or they are too many, or the wrong way round.
    """
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError as error:
        raise BadRequest(f"the day is not valid: {error}", where="since", next_step="Write 2026-11-23.") from error
    count = (last - first).days + 1
    if not 1 <= count <= MAX_DAYS:
        raise BadRequest(
            f"{since} to {until} must be 1 to {MAX_DAYS} days", where="since", next_step="Choose fewer days."
        )
    return [(first + timedelta(days=number)).isoformat() for number in range(count)]


def read_budget(usages: UsageRecords, tenant: str) -> Budget:
    """A tenant's budget.

    Raises:
        NotFound: it has none.
    """
    budget = usages.budget(tenant)
    if budget is None:
        raise NotFound("the tenant has no budget", where=tenant, code="no-budget", next_step="interlock budget set 100")
    return budget


def passed_shares(usages: UsageRecords, tenant: str, budget: Budget, now: datetime) -> tuple[BudgetDetail, ...]:
    """A notification for each share of a budget that this month's usage passed and that was not notified."""
    month = now.date().isoformat()[:7]
    spent = tenant_usage(usages, tenant, f"{month}-01", now.date().isoformat(), "day").dollars
    known = budget.notified.get(month, ())
    return tuple(
        BudgetDetail(
            id=f"budget-{tenant}-{month}-{share}",
            type=UsageEvent.BUDGET,
            tenant=tenant,
            at=moment(now),
            month=month,
            budget=budget.dollars,
            spent=spent,
            share=share,
            prices=PRICES.model_dump(),
        )
        for share in SHARES
        if spent >= budget.dollars * share / 100 and share not in known
    )


def note_notified(usages: UsageRecords, tenant: str, budget: Budget, details: Sequence[BudgetDetail]) -> None:
    """Note that a budget's tenant was notified."""
    month = details[0].month
    notified = {month: tuple(sorted({*budget.notified.get(month, ()), *(detail.share for detail in details)}))}
    usages.write_budget(tenant, budget.model_copy(update={"notified": notified}))


def _of_day(usages: UsageRecords, tenant: str, day: str) -> list[UsageRow]:
    return rolled_up(usages.of_runs(tenant, day))


def yesterday(now: datetime | None = None) -> str:
    """The day that is over."""
    return ((now or datetime.now(UTC)) - timedelta(days=1)).date().isoformat()
