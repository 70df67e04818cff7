"""What the control API takes and answers.

Written by `python -m scripts.generate.client` from functions/api: change the routes, not this.
"""

from typing import Any

from interlock.contract.alert import Alert, AlertUrl, Delivery, NewAlert
from interlock.contract.approval import Approval, ApprovalPage, Verdict
from interlock.contract.audit import ChangePage
from interlock.contract.breakpoint import ArmedBreakpoint, NewBreakpoint
from interlock.contract.catalog import AssetBatch, AssetChange, AssetPage
from interlock.contract.consent import ConsentSheet
from interlock.contract.core.base import Document
from interlock.contract.dead_letter import DeadLetter, DeadPage, DeadView, Redriven, StoppedTrigger, TriggerRef
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep, RedactionRule, SecretsRequest
from interlock.contract.event import CatalogDetail
from interlock.contract.event_replay import Replay, ReplayRequest
from interlock.contract.explain import ExplanationView, FailureGroups
from interlock.contract.fork import ForkAccepted, ForkRequest
from interlock.contract.history import HistoryRef
from interlock.contract.install import InstallChange, InstallRequest, UpgradeRequest, VersionChange
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.listing import AppPage, Listing, ListingChange, ListingPage
from interlock.contract.logged_event import LoggedEvent, NewEvent
from interlock.contract.manifest import Target
from interlock.contract.member import Caller, Credentials, Invitation, NewCredential, NewTrust
from interlock.contract.quota import QuotaReport, Quotas
from interlock.contract.registration import DomainClaim, NewPublisher, NewTenant, NewVersion, Withdrawal
from interlock.contract.registry import Install, Membership, Publisher, Tenant, UploadTicket, Version
from interlock.contract.run import Breakpoint, Decision, Pause, Run
from interlock.contract.run_request import RunAccepted, RunRequest, StopRequest, ToolCall
from interlock.contract.schedule import ScheduleList
from interlock.contract.search import RunPage
from interlock.contract.trace import RunTrace
from interlock.contract.upgrade_plan import SwitchPlan
from interlock.contract.usage import Budget, UsageReport
from interlock.contract.webhook import (
    Attempt,
    DeliveryPage,
    NewWebhook,
    SecretRotation,
    Webhook,
    WebhookDelivery,
    WebhookList,
    WebhookWithSecret,
)


class DeadTriggersStoppedAnswer(Document):
    """What `GET /v1/tenants/{tenant}/triggers:stopped` answers."""

    triggers: list[StoppedTrigger]


class DebugArmedOnRunAnswer(Document):
    """What `GET /v1/tenants/{tenant}/runs/{run}/breakpoints` answers."""

    breakpoints: list[ArmedBreakpoint]


class DebugDisarmOnRunAnswer(Document):
    """What `DELETE /v1/tenants/{tenant}/runs/{run}/breakpoints/{rule}` answers."""

    removed: str


class DebugArmedOnInstallAnswer(Document):
    """What `GET /v1/tenants/{tenant}/installs/{install}/breakpoints` answers."""

    breakpoints: list[ArmedBreakpoint]


class DebugDisarmOnInstallAnswer(Document):
    """What `DELETE /v1/tenants/{tenant}/installs/{install}/breakpoints/{rule}` answers."""

    removed: str


class DebugArmedOnVersionAnswer(Document):
    """What `GET /v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints` answers."""

    breakpoints: list[ArmedBreakpoint]


class DebugDisarmOnVersionAnswer(Document):
    """What `DELETE /v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints/{rule}` answers."""

    removed: str


class DebugPausesAnswer(Document):
    """What `GET /v1/tenants/{tenant}/runs/{run}/pauses` answers."""

    pauses: list[Pause]


class DebuggingSecretsAnswer(Document):
    """What `POST /v1/tenants/{tenant}/runs/{run}/secrets` answers."""

    secrets: dict[str, Any]


class InstallsInstallsAnswer(Document):
    """What `GET /v1/tenants/{tenant}/installs` answers."""

    installs: list[Install]
    cursor: str | None


class PeopleMembersOfPublisherAnswer(Document):
    """What `GET /v1/publishers/{publisher}/members` answers."""

    members: list[Membership]


class PeopleMembersOfTenantAnswer(Document):
    """What `GET /v1/tenants/{tenant}/members` answers."""

    members: list[Membership]


class PublishersNewPublisherAnswer(Document):
    """What `POST /v1/publishers` answers."""

    publisher: Publisher
    credentials: Credentials


class PublishersVersionsAnswer(Document):
    """What `GET /v1/publishers/{publisher}/apps/{name}/versions` answers."""

    versions: list[Version]
    cursor: str | None


class SwitchesVersionSwitchAnswer(Document):
    """What `PUT /v1/publishers/{publisher}/apps/{name}/versions/{version}/switch` answers."""

    app: str
    version: str
    stopped: str


class TenantsNewTenantAnswer(Document):
    """What `POST /v1/tenants` answers."""

    tenant: Tenant
    credentials: Credentials


class TenantsHistoryAnswer(Document):
    """What `GET /v1/tenants/{tenant}/assets:history` answers."""

    changes: list[CatalogDetail]
    cursor: str | None


class TenantsWriteAnswer(Document):
    """What `POST /v1/tenants/{tenant}/assets:batch` answers."""

    changes: list[AssetChange]


class TenantsEventsAnswer(Document):
    """What `GET /v1/tenants/{tenant}/events` answers."""

    events: list[LoggedEvent]


class TenantsSendAnswer(Document):
    """What `POST /v1/tenants/{tenant}/events` answers."""

    id: str


__all__ = [
    "Alert",
    "AlertUrl",
    "AppPage",
    "Approval",
    "ApprovalPage",
    "ArmedBreakpoint",
    "AssetBatch",
    "AssetChange",
    "AssetPage",
    "Attempt",
    "BodyRef",
    "Breakpoint",
    "Budget",
    "BundleRef",
    "Caller",
    "CatalogDetail",
    "ChangePage",
    "ConsentSheet",
    "Credentials",
    "DeadLetter",
    "DeadPage",
    "DeadTriggersStoppedAnswer",
    "DeadView",
    "DebugArmedOnInstallAnswer",
    "DebugArmedOnRunAnswer",
    "DebugArmedOnVersionAnswer",
    "DebugDisarmOnInstallAnswer",
    "DebugDisarmOnRunAnswer",
    "DebugDisarmOnVersionAnswer",
    "DebugPausesAnswer",
    "DebugStep",
    "DebuggingSecretsAnswer",
    "Decision",
    "Delivery",
    "DeliveryPage",
    "Document",
    "DomainClaim",
    "ExplanationView",
    "FailureGroups",
    "ForkAccepted",
    "ForkRequest",
    "HistoryRef",
    "Install",
    "InstallChange",
    "InstallRequest",
    "InstallsInstallsAnswer",
    "Invitation",
    "KillSwitch",
    "Listing",
    "ListingChange",
    "ListingPage",
    "LoggedEvent",
    "Membership",
    "NewAlert",
    "NewBreakpoint",
    "NewCredential",
    "NewEvent",
    "NewPublisher",
    "NewTenant",
    "NewTrust",
    "NewVersion",
    "NewWebhook",
    "Pause",
    "PeopleMembersOfPublisherAnswer",
    "PeopleMembersOfTenantAnswer",
    "Publisher",
    "PublishersNewPublisherAnswer",
    "PublishersVersionsAnswer",
    "QuotaReport",
    "Quotas",
    "RedactionRule",
    "Redriven",
    "Replay",
    "ReplayRequest",
    "Run",
    "RunAccepted",
    "RunPage",
    "RunRequest",
    "RunTrace",
    "ScheduleList",
    "SecretRotation",
    "SecretsRequest",
    "StopRequest",
    "StoppedTrigger",
    "SwitchPlan",
    "SwitchesVersionSwitchAnswer",
    "Target",
    "Tenant",
    "TenantsEventsAnswer",
    "TenantsHistoryAnswer",
    "TenantsNewTenantAnswer",
    "TenantsSendAnswer",
    "TenantsWriteAnswer",
    "ToolCall",
    "TriggerRef",
    "UpgradeRequest",
    "UploadTicket",
    "UsageReport",
    "Verdict",
    "Version",
    "VersionChange",
    "Webhook",
    "WebhookDelivery",
    "WebhookList",
    "WebhookWithSecret",
    "Withdrawal",
]
