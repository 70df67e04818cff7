"""What debugging a recorded step elsewhere needs: the record, who ran it, its code, and the tenant's secrets."""

from pydantic import Field

from interlock.contract.core.base import AppId, Document, Json, Name, Semver
from interlock.contract.envelope import StepContext
from interlock.contract.manifest_values import Rule
from interlock.contract.registry import Certificate
from interlock.contract.run import Run, StepRecord


class Proof(Document):
    """That a platform certified a version: what its signature covers, the signature, and the key that checks it."""

    certificate: Certificate
    signature: str
    """ECDSA with SHA-256, base64."""
    key: str
    """sha256 of the public key (DER): the name by which another machine knows it."""

    def covers(self, app: str, version: str, digest: str) -> bool:
        """Whether it speaks of these bytes of this version."""
        row = self.certificate
        return (row.app, row.version, row.code or row.digest) == (app, version, digest)


class BundleRef(Document):
    """The exact bundle of a version, and where to fetch it for a few minutes."""

    app: AppId
    version: Semver
    digest: str
    """sha256 of the zip."""
    size: int = 0
    url: str = Field(repr=False)
    proof: Proof | None = None
    """None for a version that was published before the platform signed."""
    public_key: str = ""
    """The key of the proof: DER, base64."""


class BodyRef(Document):
    """Where to fetch a body that lies in S3, for a few minutes; `digest` is of its canonical JSON."""

    digest: str
    url: str = Field(repr=False)


class DebugStep(Document):
    """One recorded attempt with all that runs it again."""

    run: Run
    record: StepRecord
    context: StepContext
    handler: str
    """`package.module:function`."""
    bundle: BundleRef


class RedactionRule(Document):
    """A field that is sensitive in every run of a tenant."""

    rule: Rule


class SecretsRequest(Document):
    """The names of the secrets that are read."""

    names: tuple[Name, ...]


class Secrets(Document):
    """Values of the secrets of an install, by name."""

    secrets: dict[str, Json] = Field(repr=False)
