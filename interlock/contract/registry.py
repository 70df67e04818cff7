"""Publishers, apps, versions, tenants, installs, principals: the items of `interlock-registry`, less their keys."""

from enum import StrEnum

from pydantic import Field

from interlock.contract.base import AppId, Document, Json, Moment, Name, PublisherId, Semver, Sha256, TenantId
from interlock.contract.finding import Finding
from interlock.contract.manifest import Manifest, Rule, Target
from interlock.contract.run import Breakpoint


class Role(StrEnum):
    """What a principal may be: of the platform, of a tenant, or of a publisher."""

    OPERATOR = "operator"
    ADMIN = "admin"
    MEMBER = "member"


class Membership(Document):
    """A principal (Cognito's `sub` or client id) in the platform, a tenant or a publisher."""

    principal: str
    scope: str
    """`platform`, `tenant/ID` or `publisher/ID`."""
    role: Role
    name: str = ""


class Publisher(Document):
    """A partner, customer or internal team that builds apps."""

    id: PublisherId
    title: str = ""
    created: Moment


class Tenant(Document):
    """A customer organisation."""

    id: TenantId
    title: str = ""
    created: Moment
    status: str = "active"
    redact: tuple[Rule, ...] = ()
    """Rules of fields that are sensitive in every run of the tenant."""


class VersionStatus(StrEnum):
    """How far a version has come; only `listed` can be installed."""

    UPLOADING = "uploading"
    CHECKING = "checking"
    DEPLOYING = "deploying"
    LISTED = "listed"
    REJECTED = "rejected"


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


class SpillPlan(Document):
    """Which names a workflow's expressions read: subtrees under other names may spill to S3."""

    reads: tuple[str, ...] = ()
    deep: tuple[str, ...] = ()
    opaque: bool = False
    """An expression reads in a way that no list of names covers (`..`, `*`): nothing spills."""


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
    size: int = 0
    upload_key: str = ""
    object_version: str = ""
    manifest: Manifest | None = None
    target: Target | None = None
    config_schema: dict[str, Json] | None = None
    tool_schemas: dict[str, Json] = Field(default_factory=dict)
    steps: dict[str, StepPlan] = Field(default_factory=dict)
    workflows: dict[str, WorkflowPlan] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    signature: str = ""
    """KMS's signature over the digest, base64."""
    created: Moment
    listed: Moment | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    stopped: str = ""
    """Why the kill switch of this version is on; empty while it is off."""
    stages: dict[str, float] = Field(default_factory=dict)
    """Seconds since the epoch at which each stage of publishing began."""


class InstallStatus(StrEnum):
    """`installing` and `removing` can be taken up again at any point."""

    INSTALLING = "installing"
    ACTIVE = "active"
    REMOVING = "removing"
    REMOVED = "removed"


class Install(Document):
    """A tenant's adoption of an app."""

    id: str
    tenant: TenantId
    app: AppId
    version: Semver
    status: InstallStatus
    granted: tuple[str, ...] = ()
    config: dict[str, Json] = Field(default_factory=dict)
    secrets: tuple[Name, ...] = ()
    created: Moment
    by: str = ""
    breakpoints: tuple[Breakpoint, ...] = ()
    stopped: str = ""
    rules: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()


class Certificate(Document):
    """What certifying signs."""

    app: AppId
    version: Semver
    digest: Sha256


WorkflowPlan.model_rebuild()
Version.model_rebuild()
