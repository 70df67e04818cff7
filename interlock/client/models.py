"""What the control API takes and answers.

Written by `python -m scripts.generate.client` from functions/api: change the routes, not this.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from interlock.contract.alert import Alert, Delivery, NewAlert
from interlock.contract.approval import Approval, Verdict
from interlock.contract.catalog import AssetBatch, AssetChange, AssetPage
from interlock.contract.consent import ConsentSheet
from interlock.contract.core.base import (
    Document,
    DomainName,
    Json,
    Model,
    Moment,
    Name,
    PublisherId,
    Semver,
    Sha256,
    TenantId,
)
from interlock.contract.dead_letter import DeadLetter, DeadPage, DeadView, Redriven, StoppedTrigger
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep
from interlock.contract.event import CatalogDetail
from interlock.contract.event_replay import Replay, ReplayRequest
from interlock.contract.explain import ExplanationView, FailureGroups
from interlock.contract.fork import ForkAccepted, ForkRequest
from interlock.contract.listing import Listing, ListingChange, ListingPage, ListingRow
from interlock.contract.manifest import EventName, Rule, Target
from interlock.contract.quota import Quotas
from interlock.contract.registry import (
    Channel,
    Install,
    Membership,
    Publisher,
    Tenant,
    UploadTicket,
    Version,
    WatchRule,
)
from interlock.contract.run import Body, Breakpoint, Decision, Pause, Run
from interlock.contract.schedule import ScheduleList
from interlock.contract.search import RunPage
from interlock.contract.upgrade_plan import SwitchPlan
from interlock.contract.usage import Budget, UsageReport
from interlock.contract.webhook import OVERLAP_HOURS, Attempt, NewWebhook, Webhook, WebhookDelivery, WebhookWithSecret

At = Literal["before", "after", "error"]
UserName = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9._-]{1,60}$")]
Tag = Annotated[str, StringConstraints(pattern="^[\\w][\\w.:/=@-]{0,79}$")]
MAX_TAGS = 20


class AlertUrl(Document):
    """The body of a new alert."""

    url: str


class ApprovalPage(Model):
    """One page of approvals."""

    approvals: tuple[Approval, ...]
    cursor: str | None = None


class DeadTriggersStoppedAnswer(Document):
    """What `GET /v1/tenants/{tenant}/triggers:stopped` answers."""

    triggers: list[StoppedTrigger]


class TriggerName(Document):
    """The body that names a trigger of an install."""

    install: str
    workflow: str
    trigger: str


class StopRequest(Document):
    """The body of a stop."""

    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class NewBreakpoint(Document):
    """What a person asks for; `state` may end in `[INDEX]`, the item of a Map."""

    state: str = "*"
    at: At = "before"
    condition: str = ""
    hits: int = 1
    once: bool = True
    until: Moment | None = None


class Armed(Document):
    """A breakpoint with what became of it."""

    breakpoint: Breakpoint
    hits: int
    "How often it matched, as far as that is counted: for `once` and for `hits` above 1."
    spent: bool
    "Whether it can stop nothing any more."


class DebugArmedOnRunAnswer(Document):
    """What `GET /v1/tenants/{tenant}/runs/{run}/breakpoints` answers."""

    breakpoints: list[Armed]


class DebugDisarmOnRunAnswer(Document):
    """What `DELETE /v1/tenants/{tenant}/runs/{run}/breakpoints/{rule}` answers."""

    removed: str


class DebugArmedOnInstallAnswer(Document):
    """What `GET /v1/tenants/{tenant}/installs/{install}/breakpoints` answers."""

    breakpoints: list[Armed]


class DebugDisarmOnInstallAnswer(Document):
    """What `DELETE /v1/tenants/{tenant}/installs/{install}/breakpoints/{rule}` answers."""

    removed: str


class DebugArmedOnVersionAnswer(Document):
    """What `GET /v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints` answers."""

    breakpoints: list[Armed]


class DebugDisarmOnVersionAnswer(Document):
    """What `DELETE /v1/publishers/{publisher}/apps/{name}/versions/{version}/breakpoints/{rule}` answers."""

    removed: str


class DebugPausesAnswer(Document):
    """What `GET /v1/tenants/{tenant}/runs/{run}/pauses` answers."""

    pauses: list[Pause]


class TraceRow(Document):
    """One segment or subsegment."""

    name: str
    depth: int
    "How many segments it is below."
    start_ms: float
    "From the trace's beginning."
    duration_ms: float
    state: str = ""
    error: str = ""
    frame: str = ""
    "`file:line in function` where publisher code failed."
    annotations: dict[str, str] = {}


class RunTrace(Document):
    """A run's trace."""

    run: str
    trace: str
    rows: tuple[TraceRow, ...]
    "Empty where X-Ray has not got the segments yet, or has dropped them (after 30 days)."
    console: str = ""
    "Where to see it in the AWS console; empty on the embedded engine."


class HistoryRef(Document):
    """Where a history lies."""

    run: str
    key: str = ""
    "The key of its body: a JSON list of events as GetExecutionHistory answers them."
    events: int = 0
    whole: bool = True
    "False while the run goes on: ask again later."
    until: Moment | None = None
    "While somebody fetches it: when that has ended or died."


class DebuggingSecretsAnswer(Document):
    """What `POST /v1/tenants/{tenant}/runs/{run}/secrets` answers."""

    secrets: dict[str, Any]


class WantedSecrets(Document):
    """The body of a request for secrets."""

    names: tuple[Name, ...]


class RedactRule(Document):
    """The body of a tenant's rule."""

    rule: Rule


class InstallsInstallsAnswer(Document):
    """What `GET /v1/tenants/{tenant}/installs` answers."""

    installs: list[Install]
    cursor: str | None


class InstallRequest(Document):
    """What a tenant asks for. `grant` holds the scopes that it consents to."""

    app: str
    version: str = ""
    "The newest release of the channel where it is empty."
    channel: Channel = Channel.STABLE
    grant: tuple[str, ...] = ()
    config: dict[str, Json] = {}
    secrets: dict[str, str] = {}


class InstallChange(Document):
    """What is to be changed; None for what stays."""

    channel: Channel | None = None
    config: dict[str, Json] | None = None


class Begun(Document):
    """A switch that was asked for, and to which version."""

    install: Install
    to: Semver


class UpgradeRequest(Document):
    """What a tenant asks for: the version (the newest of the channel where it is empty) and its consent."""

    version: str = ""
    grant: tuple[str, ...] = ()
    config: dict[str, Json] | None = None
    "Another config, where the version needs one."
    secrets: dict[str, str] = {}
    watch: WatchRule = WatchRule()


class Found(Document):
    """A page of a search; it may be short, or empty, and not the last."""

    apps: tuple[ListingRow, ...]
    cursor: str | None = None


class PeopleMembersOfPublisherAnswer(Document):
    """What `GET /v1/publishers/{publisher}/members` answers."""

    members: list[Membership]


class PeopleMembersOfTenantAnswer(Document):
    """What `GET /v1/tenants/{tenant}/members` answers."""

    members: list[Membership]


class Invitation(Document):
    """Who is to be a member. A name that is a user's already joins that user."""

    name: UserName
    role: Literal["admin", "member"] = "member"
    email: Annotated[str, StringConstraints(pattern="^([^@\\s]{1,64}@[^@\\s]{3,190})?$")] = ""
    "Where Cognito sends the invitation; without it an operator sets the password."


class Credentials(Document):
    """What a new principal gets, once."""

    scope: str
    name: str
    client_id: str
    client_secret: str
    token_url: str


class NewCredential(Document):
    """Credentials for a machine, such as a pipeline."""

    name: UserName
    role: Literal["admin", "member"] = "member"


class NewTrust(Document):
    """What GitHub has to say of a workflow for it to act: its repository, and its environment or its ref."""

    name: UserName
    repository: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_.-]{1,39}/[A-Za-z0-9_.-]{1,100}$")]
    environment: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_ .-]{0,255}$")] = ""
    ref: Annotated[str, StringConstraints(pattern="^(refs/(heads|tags)/[A-Za-z0-9_./-]{1,200})?$")] = ""
    role: Literal["admin", "member"] = Field(default="member")


class Claim(Document):
    """The domain that a publisher says is theirs."""

    domain: DomainName


class Caller(Model):
    """Who calls, by Cognito's word, and what the registry says of it."""

    principal: str
    memberships: tuple[Membership, ...] = ()


class PublishersNewPublisherAnswer(Document):
    """What `POST /v1/publishers` answers."""

    publisher: Publisher
    credentials: Credentials


class NewPublisher(Document):
    """The body of a new publisher."""

    id: PublisherId
    title: str = ""


class NewVersion(Document):
    """The body of a new version."""

    version: Semver
    digest: Sha256
    review: bool = False


class PublishersVersionsAnswer(Document):
    """What `GET /v1/publishers/{publisher}/apps/{name}/versions` answers."""

    versions: list[Version]
    cursor: str | None


class Withdrawal(Document):
    """What a publisher says of a listed version: `listed` takes a deprecation back."""

    status: Literal["deprecated", "yanked", "listed"]
    reason: str = ""


class Accepted(Document):
    """A run that will start as soon as its message is served."""

    run: str
    tenant: str
    install: str
    workflow: str


class RunRequest(Document):
    """What a person asks for: a workflow of an installed app, with an input."""

    app: str = ""
    install: str = ""
    workflow: str = ""
    input: Json = None
    key: str = ""
    "An idempotency key: the same key, the same run."
    breakpoints: tuple[Breakpoint, ...] = ()
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)] = ()


class ToolCall(Document):
    """The body of a tool's call."""

    arguments: Json = {}
    key: str = ""


class Switch(Document):
    """Why something is switched off; empty while it is on."""

    stopped: str = ""


class SwitchesVersionSwitchAnswer(Document):
    """What `PUT /v1/publishers/{publisher}/apps/{name}/versions/{version}/switch` answers."""

    app: str
    version: str
    stopped: str


class TenantsNewTenantAnswer(Document):
    """What `POST /v1/tenants` answers."""

    tenant: Tenant
    credentials: Credentials


class NewTenant(Document):
    """The body of a new tenant."""

    id: TenantId
    title: str = ""


class TenantsHistoryAnswer(Document):
    """What `GET /v1/tenants/{tenant}/assets:history` answers."""

    changes: list[CatalogDetail]
    cursor: str | None


class TenantsWriteAnswer(Document):
    """What `POST /v1/tenants/{tenant}/assets:batch` answers."""

    changes: list[AssetChange]


class LoggedEvent(Document):
    """One event as EventBridge delivered it; its id is the change id."""

    id: str
    source: str
    name: str
    time: str
    detail: Json = None
    body: Body | None = None
    "The detail, where it is too large for an item."


class TenantsEventsAnswer(Document):
    """What `GET /v1/tenants/{tenant}/events` answers."""

    events: list[LoggedEvent]


class TenantsSendAnswer(Document):
    """What `POST /v1/tenants/{tenant}/events` answers."""

    id: str


class NewEvent(Document):
    """The body of an event."""

    name: EventName
    data: Json = None


class QuotaLine(Document):
    """A quota of a tenant (`install` is empty) or of an install, and what is in use."""

    install: str = ""
    app: str = ""
    quotas: Quotas
    runs_under_way: int = 0
    step_seconds_today: float = 0.0
    stored_bytes: int = 0


class QuotaReport(Document):
    """A tenant's line, then those of its installs."""

    lines: tuple[QuotaLine, ...]


class WebhookList(Model):
    """A tenant's webhooks."""

    webhooks: tuple[Webhook, ...]


class Rotation(Document):
    """The body of a rotation."""

    overlap_hours: int = OVERLAP_HOURS


class DeliveryPage(Model):
    """One page of deliveries, or of those that were put on their way again."""

    deliveries: tuple[WebhookDelivery, ...]
    cursor: str | None = None


__all__ = [
    "Accepted",
    "Alert",
    "AlertUrl",
    "Annotated",
    "Approval",
    "ApprovalPage",
    "Armed",
    "AssetBatch",
    "AssetChange",
    "AssetPage",
    "Attempt",
    "Begun",
    "Body",
    "BodyRef",
    "Breakpoint",
    "Budget",
    "BundleRef",
    "Caller",
    "CatalogDetail",
    "Channel",
    "Claim",
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
    "DomainName",
    "EventName",
    "ExplanationView",
    "FailureGroups",
    "Field",
    "ForkAccepted",
    "ForkRequest",
    "Found",
    "HistoryRef",
    "Install",
    "InstallChange",
    "InstallRequest",
    "InstallsInstallsAnswer",
    "Invitation",
    "Json",
    "Listing",
    "ListingChange",
    "ListingPage",
    "ListingRow",
    "Literal",
    "LoggedEvent",
    "Membership",
    "Model",
    "Moment",
    "Name",
    "NewAlert",
    "NewBreakpoint",
    "NewCredential",
    "NewEvent",
    "NewPublisher",
    "NewTenant",
    "NewTrust",
    "NewVersion",
    "NewWebhook",
    "OVERLAP_HOURS",
    "Pause",
    "PeopleMembersOfPublisherAnswer",
    "PeopleMembersOfTenantAnswer",
    "Publisher",
    "PublisherId",
    "PublishersNewPublisherAnswer",
    "PublishersVersionsAnswer",
    "QuotaLine",
    "QuotaReport",
    "Quotas",
    "RedactRule",
    "Redriven",
    "Replay",
    "ReplayRequest",
    "Rotation",
    "Rule",
    "Run",
    "RunPage",
    "RunRequest",
    "RunTrace",
    "ScheduleList",
    "Semver",
    "Sha256",
    "StopRequest",
    "StoppedTrigger",
    "StringConstraints",
    "Switch",
    "SwitchPlan",
    "SwitchesVersionSwitchAnswer",
    "Target",
    "Tenant",
    "TenantId",
    "TenantsEventsAnswer",
    "TenantsHistoryAnswer",
    "TenantsNewTenantAnswer",
    "TenantsSendAnswer",
    "TenantsWriteAnswer",
    "ToolCall",
    "TraceRow",
    "TriggerName",
    "UpgradeRequest",
    "UploadTicket",
    "UsageReport",
    "Verdict",
    "Version",
    "WantedSecrets",
    "WatchRule",
    "Webhook",
    "WebhookDelivery",
    "WebhookList",
    "WebhookWithSecret",
    "Withdrawal",
]
