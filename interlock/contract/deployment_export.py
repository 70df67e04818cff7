"""An export of a deployment: a folder with its registry, its people and its artifacts, and a manifest of them.

manifest.json      what is in the others, by number and sha256, and a digest of itself
registry.jsonl     the items of the registry, one a line, in DynamoDB's JSON
users.jsonl        the people of the user pool, without passwords
artifacts.jsonl    the objects of the artifact bucket: key, sha256, size, type
artifacts/SHA256   the bytes of an object
"""

from typing import Annotated, Literal

from pydantic import Field

from interlock.contract.core.base import Document, Moment, Sha256
from interlock.contract.core.validation import shaped

FORMAT = 1
MANIFEST, REGISTRY, USERS, ARTIFACTS, OBJECTS = (
    "manifest.json",
    "registry.jsonl",
    "users.jsonl",
    "artifacts.jsonl",
    "artifacts",
)
ARTIFACT_PREFIXES = ("platform/", "versions/")
"""Where what lasts is in the artifact bucket; what is below `uploads/` is gone after some days."""


class ExportedFile(Document):
    """A file of an export."""

    sha256: Sha256
    rows: int = Field(ge=0)


class ExportedUser(Document):
    """A person in the user pool."""

    name: str
    """The name that the person signs in with."""
    sub: str
    email: str = ""
    enabled: bool = True
    groups: tuple[str, ...] = ()


class ExportedArtifact(Document):
    """An object of the artifact bucket."""

    key: Annotated[str, shaped(r"^(platform|versions)/[^\x00-\x1f]{1,1000}$", "a key below platform/ or versions/")]
    sha256: Sha256
    bytes: int = Field(ge=0)
    type: str = ""


class DeploymentManifest(Document):
    """`manifest.json` of an export."""

    format: Literal[1] = FORMAT
    account: str
    region: str
    began: Moment
    """No item is older than this; what changed until `ended` may be in the export or not."""
    ended: Moment
    kinds: dict[str, int]
    """How many items of the registry there are of each kind."""
    files: dict[str, ExportedFile]
    artifact_bytes: int = 0
    digest: str = ""
    """sha256 of this document as canonical JSON, with this field empty."""
