"""Publishers, apps, versions, tenants, installs, principals: the items of `interlock-registry`, less their keys."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from interlock.contract.certification import Level, Review, Trial
from interlock.contract.core import limits
from interlock.contract.core.base import (
    AppId,
    Document,
    DomainName,
    InstallName,
    Json,
    Moment,
    Name,
    PublisherId,
    Semver,
    Sha256,
    TenantId,
    default_install_name,
)
from interlock.contract.core.finding import Finding
from interlock.contract.deletion import DeletionReceipt
from interlock.contract.manifest import Manifest, Target
from interlock.contract.manifest_values import Rule
from interlock.contract.quota import Quotas
from interlock.contract.run import Breakpoint
from interlock.contract.stand_in import StandIns


class Role(StrEnum):
    """What a principal may be: of the platform, of a tenant, or of a publisher."""

    OPERATOR = "operator"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Membership(Document):
    """A principal (Cognito's `sub` or client id) in the platform, a tenant or a publisher."""

    principal: str
    scope: str
    """`platform`, `tenant/ID` or `publisher/ID`."""
    role: Role
    name: str = ""
    kind: Literal["", "user", "client", "oidc"] = ""
    """A person, a machine with credentials, or a machine that another issuer vouches for; empty in older items."""
    user: str = ""
    """The name by which a person signs in (`names.user_name`): of the scope that created the person."""
    created: Moment | None = None
    rotated: Moment | None = None
    """When a machine's credentials were changed last."""


class Domain(Document):
    """A domain that a publisher says is theirs: verified by a TXT record that only its owner can write."""

    name: DomainName
    challenge: str
    claimed: Moment
    verified: Moment | None = None

    @property
    def record(self) -> str:
        """The name of the TXT record."""
        return f"_interlock-challenge.{self.name}"


class Publisher(Document):
    """A partner, customer or internal team that builds apps."""

    id: PublisherId
    title: str = ""
    created: Moment
    registering: str = ""
    """The attempt that registers it; empty once its first admin has an identity."""
    domain: Domain | None = None

    @property
    def verified(self) -> bool:
        """Whether it showed that its domain is its own."""
        return self.domain is not None and self.domain.verified is not None


class Tenant(Document):
    """A customer organisation."""

    id: TenantId
    title: str = ""
    created: Moment
    registering: str = ""
    """The attempt that registers it; empty once its first admin has an identity."""
    status: str = "active"
    redact: tuple[Rule, ...] = ()
    """Rules of fields that are sensitive in every run of the tenant."""
    receipt: DeletionReceipt | None = None
    """What offboarding deleted."""
    quotas: Quotas | None = None
    """Other figures than quotas.TENANT_DEFAULT."""

    @property
    def leaving(self) -> bool:
        """Whether it is being offboarded, or is: nothing is installed for it any more."""
        return self.status in ("offboarding", "offboarded")


class VersionStatus(StrEnum):
    """How far a version has come; only `listed` and `deprecated` can be installed.

    A deprecated one goes on and says why; a yanked one is never installed again, and installs leave it where they may.
    """

    UPLOADING = "uploading"
    CHECKING = "checking"
    DEPLOYING = "deploying"
    TRIAL = "trial"
    REVIEW = "review"
    LISTED = "listed"
    DEPRECATED = "deprecated"
    YANKED = "yanked"
    REJECTED = "rejected"
    DEVELOPMENT = "development"
    """A publisher's own, on the platform of one machine (`interlock dev`): it runs, and nobody is offered it."""

    @property
    def being_published(self) -> bool:
        """Whether the pipeline has it."""
        return self in (VersionStatus.CHECKING, VersionStatus.DEPLOYING, VersionStatus.TRIAL, VersionStatus.REVIEW)

    @property
    def installable(self) -> bool:
        """Whether a tenant can begin to use it."""
        return self in (VersionStatus.LISTED, VersionStatus.DEPRECATED)


class Release(Document):
    """What choosing a version must know of one that was listed."""

    version: Semver
    status: VersionStatus
    permissions: tuple[str, ...] = ()
    """What a tenant consents to with it: its scopes, and its tools as they are."""
    listed: Moment


class App(Document):
    """An app and its releases, newest first: one item, so that choosing a version is one read."""

    id: AppId
    releases: tuple[Release, ...] = ()


class WorkflowPlan(Document):
    """What the gate and `start_run` must know of a compiled workflow."""

    name: Name
    machine: str
    deadline_s: int | None = None
    spill: "SpillPlan"
    states: int = 0
    tasks: int = 0
    repeats: bool = False
    """A Map or a loop: how many events a run has is not bounded by the definition."""
    parallel: tuple[str, ...] = ()
    """The Tasks inside a Map or a Parallel: each attempt takes one of the tenant's places for them."""
    title: str = ""
    """What a run is called, with fields in braces (`contract/run_title`)."""


class SpillPlan(Document):
    """Which names a workflow's expressions read: subtrees under other names may spill to S3."""

    reads: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()
    opaque: bool = False
    """An expression reads in a way that no list of names covers (`..`, `*`): nothing spills."""
    root: bool = False
    """No expression reads into the payload at all: the whole of it may be stored apart, also a list or a text."""
    results: tuple[str, ...] = ()
    """The Tasks whose whole result may be stored apart, because nothing reads into the place that it is put to."""


class StepPlan(Document):
    """What the gate must know of a step."""

    handler: str
    function: str
    timeout_s: int
    idempotent: bool = False


class Version(Document):
    """An app at an immutable semver, identified by the sha256 of its bundle."""

    app: AppId
    version: Semver
    status: VersionStatus
    digest: str = ""
    """sha256 of the zip that the publisher uploaded."""
    code_digest: str = ""
    """sha256 of the zip that runs: the same files, as the platform wrote them. Empty where `digest` is that one."""
    size: int = 0
    upload_key: str = ""
    object_version: str = ""
    manifest: Manifest | None = None
    target: Target | None = None
    config_schema: dict[str, Json] | None = None
    tool_schemas: dict[str, Json] = Field(default_factory=dict)
    event_schemas: dict[str, Json] = Field(default_factory=dict)
    """What the app says that it emits, by event."""
    steps: dict[str, StepPlan] = Field(default_factory=dict)
    workflows: dict[str, WorkflowPlan] = Field(default_factory=dict)
    changelog: str = ""
    findings: tuple[Finding, ...] = ()
    signature: str = ""
    """KMS's signature over the certificate, base64."""
    created: Moment
    listed: Moment | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    stopped: str = ""
    """Why the kill switch of this version is on; empty while it is off."""
    withdrawn: str = ""
    """Why it is deprecated or yanked."""
    level: Level = Level.AUTOMATIC
    review: Review | None = None
    review_asked: bool = False
    """The publisher wants a person to look at it, whatever it asks for."""
    trial: Trial | None = None
    stages: dict[str, float] = Field(default_factory=dict)
    """Seconds since the epoch at which each stage of publishing began, in that order."""

    @property
    def running_digest(self) -> str:
        """The sha256 of the zip that its functions run."""
        return self.code_digest or self.digest


class UploadForm(Document):
    """A presigned POST: where to send the form, and its fields. The file goes last, as `file`."""

    url: str
    fields: dict[str, str]


class UploadTicket(Document):
    """What a publisher gets to upload a bundle."""

    version: Version
    form: UploadForm | None
    """None where the same bytes are listed already."""


class InstallStatus(StrEnum):
    """`installing` and `removing` can be taken up again at any point; `removed` can be recovered, `deleted` cannot."""

    INSTALLING = "installing"
    ACTIVE = "active"
    REMOVING = "removing"
    REMOVED = "removed"
    DELETED = "deleted"

    @property
    def gone(self) -> bool:
        """Whether its app can be installed anew."""
        return self in (InstallStatus.REMOVED, InstallStatus.DELETED)


class Channel(StrEnum):
    """Which releases an install follows by itself: `stable` no prereleases, `beta` these too, `pinned` none."""

    STABLE = "stable"
    BETA = "beta"
    PINNED = "pinned"


class Moving(Document):
    """A switch of versions under way: it ends at `to`, or back at `back`."""

    to: Semver
    back: Semver
    kind: Literal["upgrade", "rollback"]
    automatic: bool = False
    since: Moment
    by: str


class Offer(Document):
    """A release that waits for the tenant: for consent to `asks`, or for what `problem` says."""

    version: Semver
    permissions: tuple[str, ...] = ()
    problem: str = ""
    since: Moment


class WatchRule(Document):
    """When an upgrade is taken back by itself: of at least `runs` runs, more than `rate` failed within `minutes`."""

    minutes: int = Field(default=limits.WATCH_MINUTES, ge=1, le=limits.MAX_WATCH_MINUTES)
    rate: float = Field(default=limits.WATCH_RATE, gt=0, le=1)
    runs: int = Field(default=limits.WATCH_RUNS, ge=1, le=limits.WATCH_READS)


class Watch(Document):
    """An upgrade that is watched."""

    rule: WatchRule
    since: Moment
    until: Moment
    back: Semver


class Install(Document):
    """A tenant's adoption of an app."""

    id: str
    tenant: TenantId
    app: AppId
    name: InstallName = Field(default_factory=default_install_name)
    """Its own among the tenant's installs of the app; that of the app where none was given."""
    version: Semver
    status: InstallStatus
    channel: Channel = Channel.STABLE
    granted: tuple[str, ...] = ()
    """All that the tenant consented to, for whichever version: a run has what its version asks for of it."""
    config: dict[str, Json] = Field(default_factory=dict)
    secrets: tuple[Name, ...] = ()
    created: Moment
    by: str = ""
    breakpoints: tuple[Breakpoint, ...] = ()
    stopped: str = ""
    rules: tuple[str, ...] = ()
    """Every rule that may be there: named here before it is made, and until it is gone."""
    schedules: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    """The names of its tools in the tenant (`contract.copilot.tool.tenant_tool`)."""
    previous: Semver | None = None
    """The version before the last switch: where a rollback leads."""
    moving: Moving | None = None
    offer: Offer | None = None
    watch: Watch | None = None
    held: tuple[Semver, ...] = ()
    """Versions that were rolled back from: none of them is taken up automatically again."""
    problem: str = ""
    """Why the last change was taken back; empty after one that held."""
    removed: Moment | None = None
    delete_after: Moment | None = None
    abort: bool = False
    """Removing does not wait for runs in flight."""
    receipt: DeletionReceipt | None = None
    quotas: Quotas | None = None
    """Other figures than quotas.INSTALL_DEFAULT."""
    stored_bytes: int = 0
    """What its state weighed last."""
    full: bool = False
    """It weighed more than its quota: nothing more can be stored."""
    stand_ins: StandIns | None = None
    """Of a golden test's install: what stands in for the world. A tenant's install has none."""

    @property
    def has_default_name(self) -> bool:
        """Whether it has the name of its app."""
        return self.name == default_install_name({"app": self.app})

    def allowed(self, version: Version) -> tuple[str, ...]:
        """What a run of a version may do: of what the version asks for, what the tenant consented to."""
        requested = version.manifest.permissions.scopes() if version.manifest else ()
        return tuple(scope for scope in requested if scope in self.granted)


class Certificate(Document):
    """What certifying signs: the bytes, what was read out of them, and what a tenant is asked to consent to."""

    app: AppId
    version: Semver
    digest: Sha256
    manifest: Sha256
    """Of the manifest, as canonical JSON without what has its default."""
    plan: Sha256
    """Of what the gate and the tools work by: steps, workflows, schemas."""
    permissions: tuple[str, ...]
    level: Level
    code: str = ""
    """sha256 of the zip that runs, where it is not that of the upload."""
    review: str = ""
    """Of who let it pass and why, where a person did: sha256 of canonical JSON. Not signed where it is empty."""
