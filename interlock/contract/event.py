"""Every event that the platform emits on a tenant's bus, once: its detail-type, its source, and what it means."""

from enum import StrEnum

from interlock.contract.catalog import Asset
from interlock.contract.core.base import Document, Json, Moment, TenantId
from interlock.contract.envelope import Cause
from interlock.contract.run import Failed

CATALOG_SOURCE = "interlock.catalog"
RUNS_SOURCE = "interlock.runs"
WEBHOOKS_SOURCE = "interlock.webhooks"
APP_SOURCE_PREFIX = "interlock.app."
USER_SOURCE = "interlock.user"
USAGE_SOURCE = "interlock.usage"
APPROVALS_SOURCE = "interlock.approvals"
SCHEMA_VERSION = 1
"""Of the platform's own events. Fields are added within a version; whoever reads them ignores what it does not know."""


class CatalogEvent(StrEnum):
    """Changes of the catalog, published from the table's stream."""

    CREATED = "asset.created"
    UPDATED = "asset.updated"
    DELETED = "asset.deleted"


class RunEvent(StrEnum):
    """The ends of runs, of which an aborted one has failed; and a trigger that was stopped, because it fed itself."""

    SUCCEEDED = "run.succeeded"
    FAILED = "run.failed"
    LOOPED = "run.looped"


class UsageEvent(StrEnum):
    """What the clock of usage tells."""

    BUDGET = "budget.reached"


class BudgetDetail(Document):
    """The detail of `budget.reached`: so many percent of the month's budget are spent, by the estimate of `prices`."""

    id: str
    type: UsageEvent
    tenant: TenantId
    at: Moment
    month: str
    budget: float
    spent: float
    share: int
    prices: dict[str, float] = {}


class WebhookEvent(StrEnum):
    """What becomes of webhooks by itself."""

    DISABLED = "webhook.disabled"


class WebhookDetail(Document):
    """The detail of `webhook.disabled`: it took nothing for a day, or answered that it wants no more."""

    id: str
    type: WebhookEvent
    tenant: TenantId
    at: Moment
    webhook: str
    why: str


class ApprovalEvent(StrEnum):
    """People of the tenant are asked to decide; others may decide too, because nobody did in time."""

    ASKED = "approval.asked"
    ESCALATED = "approval.escalated"


class ApprovalDetail(Document):
    """The detail of an approval event, less the data that is shown to who decides; `at` is when it was due."""

    id: str
    type: ApprovalEvent
    tenant: TenantId
    at: Moment
    approval: str
    subject: str
    question: str
    approvers: tuple[str, ...]
    """Who may decide now."""
    deadline: Moment
    run: str = ""
    cause: Cause | None = None
    """The run that asks, with the chain that led to it."""


class CatalogDetail(Document):
    """The detail of a catalog event; `changed` names the asset's fields that differ."""

    id: str
    type: CatalogEvent
    tenant: TenantId
    at: Moment
    asset: Asset
    changed: tuple[str, ...] = ()
    cause: Cause | None = None


class RunDetail(Document):
    """The detail of a run event; of `run.looped`, the run whose event closed the loop."""

    id: str
    type: RunEvent
    tenant: TenantId
    at: Moment
    run: str
    app: str
    version: str
    workflow: str
    failed: Failed | None = None
    debug: str = ""
    """The command that opens the debugger, for a failed one."""
    place: str = ""
    """`file:line` of the first cause, in the bundle."""
    fingerprint: str = ""
    explanation: str = ""
    """What `interlock run explain` prints: plain lines, shortened to a page."""
    cause: Cause | None = None
    """The run itself, with the chain that led to it: so that an app that listens to its own runs is a loop."""


class AppDetail(Document):
    """The detail of an event that an app or a user emits: what it said is under `data`."""

    id: str
    type: str
    tenant: TenantId
    at: Moment
    data: Json
    cause: Cause | None = None


class AssetHistory(Document):
    """One page of the changes of an asset, newest first."""

    changes: tuple[CatalogDetail, ...]
    cursor: str | None = None
