"""The events that the platform emits on a tenant's bus: their detail-types, their sources and their meaning."""

import json
from collections.abc import Mapping, Sequence
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
"""The version of the platform's events. New fields do not change it; a reader ignores fields that it does not know."""


class CatalogEvent(StrEnum):
    """Changes of the catalog, published from the table's stream."""

    CREATED = "asset.created"
    UPDATED = "asset.updated"
    DELETED = "asset.deleted"


class RunEvent(StrEnum):
    """A run ended (an aborted run has failed), or a trigger was stopped because its own runs caused its events."""

    SUCCEEDED = "run.succeeded"
    FAILED = "run.failed"
    LOOPED = "run.looped"


class UsageEvent(StrEnum):
    """The tenant's spending has reached a share of its budget."""

    BUDGET = "budget.reached"


class BudgetDetail(Document):
    """The detail of `budget.reached`: `share` percent of the month's budget are spent, as estimated by `prices`."""

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
    """The platform disabled a webhook."""

    DISABLED = "webhook.disabled"


class WebhookDetail(Document):
    """The detail of `webhook.disabled`: all deliveries failed for a day, or the receiver answered that it is gone."""

    id: str
    type: WebhookEvent
    tenant: TenantId
    at: Moment
    webhook: str
    why: str


class ApprovalEvent(StrEnum):
    """People of the tenant are asked to decide, or further people may decide because the first ones did not in time."""

    ASKED = "approval.asked"
    ESCALATED = "approval.escalated"


class ApprovalDetail(Document):
    """The detail of an approval event, without the data that the approvers see; `at` is the time when it was due."""

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
    install: str = ""
    install_name: str = ""
    """What the tenant calls the install, among those of the app."""
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
    """The detail of an event that an app or a user emits; `data` is what the emitter sent."""

    id: str
    type: str
    tenant: TenantId
    at: Moment
    data: Json
    cause: Cause | None = None


PLATFORM_SOURCES: Mapping[str, str] = {
    **dict.fromkeys(CatalogEvent, CATALOG_SOURCE),
    **dict.fromkeys(RunEvent, RUNS_SOURCE),
    **dict.fromkeys(UsageEvent, USAGE_SOURCE),
    **dict.fromkeys(WebhookEvent, WEBHOOKS_SOURCE),
    **dict.fromkeys(ApprovalEvent, APPROVALS_SOURCE),
}
"""The source of each event of the platform."""
RESERVED_WORDS = frozenset({name.partition(".")[0] for name in PLATFORM_SOURCES} | {"interlock", "platform"})
"""First words of event names that the platform keeps for itself, also for events that it does not have yet."""


APP_SOURCES: tuple[Json, ...] = ({"prefix": APP_SOURCE_PREFIX}, USER_SOURCE)
"""The sources of events that are not the platform's, as parts of an EventBridge pattern."""


def sources_of(name: str) -> tuple[Json, ...]:
    """The sources that events of a name can have, as parts of an EventBridge pattern; `name` may end in `.*`.

    An event of the platform has one source: what else comes under its name is not one.
    """
    if not is_reserved(name):
        return APP_SOURCES
    beginning = name.removesuffix("*") if name.endswith(".*") else ""
    known = {
        source
        for event, source in PLATFORM_SOURCES.items()
        if event == name or beginning and event.startswith(beginning)
    }
    return tuple(sorted(known or set(PLATFORM_SOURCES.values())))


def pattern_of(names: Sequence[str], where: Mapping[str, Json]) -> dict[str, Json]:
    """The EventBridge pattern of events by their names (`asset.created`, `asset.*`, `*`), each from its sources alone.

    Args:
        names: names, beginnings of names, or `*`.
        where: a pattern on the detail; empty for none.
    """
    sources: dict[str, list[Json]] = {}
    for name in names:
        sources.setdefault(json.dumps(sources_of(name)), []).append(_named(name))
    parts: list[dict[str, Json]] = [
        {"source": json.loads(source), "detail-type": rules} for source, rules in sources.items()
    ]
    if "*" in names:
        others = {"anything-but": {"prefix": [f"{word}." for word in sorted(RESERVED_WORDS)]}}
        parts = [
            {"source": sorted(set(PLATFORM_SOURCES.values()))},
            {"source": list(APP_SOURCES), "detail-type": [others]},
        ]
    pattern: dict[str, Json] = parts[0] if len(parts) == 1 else {"$or": parts}
    return pattern | ({"detail": dict(where)} if where else {})


def _named(name: str) -> Json:
    return {"prefix": name.removesuffix("*")} if name.endswith(".*") else name


def is_reserved(name: str) -> bool:
    """Whether only the platform may emit events of a name."""
    return name.partition(".")[0] in RESERVED_WORDS


class AssetHistory(Document):
    """One page of the changes of an asset, newest first."""

    changes: tuple[CatalogDetail, ...]
    cursor: str | None = None
