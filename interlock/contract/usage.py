"""What runs used, and what that costs: counted for each step as its run ends, rolled up by day."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from interlock.contract.core.base import Document
from interlock.contract.price import cost

Day = str
"""`2026-11-23`, in UTC."""
By = Literal["day", "app", "install", "version", "workflow", "step"]
AppBy = Literal["day", "app", "version", "workflow", "step"]
"""A publisher does not see a tenant's installs."""
WHOLE = "*"
"""In place of a step: what belongs to the run as a whole, its other states."""


class Amount(Document):
    """How much was used."""

    runs: int = 0
    invocations: int = 0
    """Of step functions and of the gate."""
    gb_seconds: float = 0.0
    transitions: int = 0
    bytes: int = 0
    """Of inputs and outputs that steps got and gave."""
    events: int = 0
    """That steps emitted."""
    model_calls: int = 0
    """Of language models."""
    input_tokens: int = 0
    output_tokens: int = 0
    model_dollars: float = 0.0
    """Of the calls whose price the operator has set."""
    unpriced_tokens: int = 0
    """Of the other calls: what they cost is not known, and not in any sum of dollars."""

    @property
    def dollars(self) -> float:
        """The estimated cost."""
        return cost(self.invocations, self.gb_seconds, self.transitions) + self.model_dollars

    def plus(self, other: "Amount") -> "Amount":
        """The sum."""
        mine, theirs = self.model_dump(), other.model_dump()
        return Amount.model_validate({word: mine[word] + theirs[word] for word in mine})


class UsageKey(Document):
    """Whose use: a step of a workflow of a version."""

    app: str
    install: str = ""
    install_name: str = ""
    """Empty in rows from when an app had one install."""
    version: str
    workflow: str
    step: str


class UsageRow(UsageKey):
    """One day's use of one step by one tenant (or, for a publisher, by all of them)."""

    day: Day
    amount: Amount = Field(default_factory=Amount)


class UsageLine(UsageRow):
    """A row of a report."""

    dollars: float = 0.0
    """What it is estimated to cost."""


class UsageReport(Document):
    """Rows of a span of days, their sum, and what it is estimated to cost."""

    since: Day = ""
    """The first day."""
    until: Day = ""
    """The last day."""
    rows: tuple[UsageLine, ...]
    total: Amount = Field(default_factory=Amount)
    dollars: float = 0.0


class Budget(Document):
    """What a tenant means to spend in a month; it is told at each share of it, once a month."""

    dollars: float = Field(gt=0)
    notified: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    """By month, the shares in percent of which the tenant was notified."""


SHARES = (50, 80, 100)
FINEST = ("app", "install", "install_name", "version", "workflow", "step")
"""What a row says of itself besides its day."""
DIMENSIONS: Mapping[By, tuple[str, ...]] = {
    "day": (),
    "app": ("app",),
    "install": ("app", "install", "install_name"),
    "version": ("app", "version"),
    "workflow": ("app", "version", "workflow"),
    "step": ("app", "version", "workflow", "step"),
}
"""What is not summed over."""
COLUMNS = (
    *("day", "app", "version", "workflow", "step", *Amount.model_fields, "dollars"),
    *("install", "install_name"),
)


def rolled_up(rows: Iterable[UsageRow], dimensions: Sequence[str] = FINEST) -> list[UsageRow]:
    """Rows of each day, summed over all but some dimensions; what is summed over is `*`."""
    values: dict[tuple[str, ...], UsageRow] = {}
    for row in rows:
        coarse = row.model_copy(update={field: WHOLE for field in FINEST if field not in dimensions})
        key = (coarse.day, *(str(getattr(coarse, field)) for field in FINEST))
        known = values.get(key)
        values[key] = coarse.model_copy(update={"amount": known.amount.plus(row.amount)}) if known else coarse
    return [values[key] for key in sorted(values)]


def report(rows: Iterable[UsageRow], by: By, days: Sequence[Day]) -> UsageReport:
    """Rows of these days summed up, with their total and what it is estimated to cost. Pure."""
    usage_rows = rolled_up(rows, DIMENSIONS[by])
    total = Amount()
    for row in usage_rows:
        total = total.plus(row.amount)
    lines = tuple(UsageLine(**dict(row), dollars=round(row.amount.dollars, 9)) for row in usage_rows)
    return UsageReport(since=days[0], until=days[-1], rows=lines, total=total, dollars=round(total.dollars, 6))


def as_csv(usage_report: UsageReport) -> str:
    """A report as CSV (RFC 4180), a row a line, with its estimated cost. Pure."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in usage_report.rows:
        columns = (row.day, row.app, row.version, row.workflow, row.step)
        amounts = (*row.amount.model_dump().values(), row.dollars)
        writer.writerow((*columns, *amounts, row.install, row.install_name))
    return out.getvalue()
