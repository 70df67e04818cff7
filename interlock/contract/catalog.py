"""The tenant's metadata: assets, what may be written of them, and what a write did."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from interlock.contract.core import limits
from interlock.contract.core.base import NAME_FORM, NAME_PATTERN, Document, Json, Model, Moment
from interlock.contract.core.validation import shaped


def _fits_sort_key(name: str) -> str:
    if len(name.encode()) > limits.SORT_KEY_BYTES:
        raise ValueError(f"the name has {len(name.encode()):,} bytes, and may have {limits.SORT_KEY_BYTES:,}")
    return name


QualifiedName = Annotated[
    str,
    shaped(
        r"^[^\s#][^#\x00-\x1f]*$",
        "a name without # and control characters, which does not begin with a space",
        min_length=1,
        max_length=512,
    ),
    AfterValidator(_fits_sort_key),
]
"""Unique in the tenant; a hierarchy by `/`: `sqlite/chinook/main/Customer/Email`. No `#`, no control characters."""
AssetType = Annotated[str, shaped(NAME_PATTERN, NAME_FORM)]
Tag = Annotated[
    str,
    shaped(r"^[a-z0-9][a-z0-9_.:-]{0,63}$", "at most 64 small letters, digits and _ . : -, a letter or a digit first"),
]
Tags = Annotated[tuple[Tag, ...], Field(max_length=limits.ASSET_TAGS)]

MAX_BATCH = 100
"""Writes in one batch call (the same as DynamoDB's BatchGetItem, so that one read tells what changes)."""
MAX_ASSET_BYTES = 64 * 1024
"""An asset's JSON: two of them and the envelope stay under EventBridge's 256 KB an entry."""


class Asset(Document):
    """One thing of the tenant's metadata."""

    qualified_name: QualifiedName
    type: AssetType
    name: str
    attributes: dict[str, Json] = Field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    owners: tuple[str, ...] = ()
    upstream: tuple[QualifiedName, ...] = ()
    """Lineage: the assets that this one comes from or refers to."""
    version: int = 1
    change_id: str = ""
    created_at: Moment
    updated_at: Moment


class AssetWrite(Model):
    """An upsert of one asset. What is None is left as it is; what is given replaces.

    `add_tags` and `remove_tags` need only the scope `write:tags`, the rest needs `write`. Writing what is already
    there changes nothing and makes no event.
    """

    qualified_name: QualifiedName
    type: AssetType | None = None
    """Needed to create; can't be changed."""
    name: str | None = None
    attributes: dict[str, Json] | None = None
    tags: Tags | None = None
    add_tags: Tags = ()
    remove_tags: Tags = ()
    owners: tuple[str, ...] | None = None
    upstream: tuple[QualifiedName, ...] | None = None
    delete: bool = False
    if_version: int | None = None
    """Refuse with a conflict unless the asset has this version (0: does not exist)."""

    @property
    def tags_only(self) -> bool:
        """Whether the scope `write:tags` is enough."""
        others = (self.type, self.name, self.attributes, self.tags, self.owners, self.upstream)
        return not self.delete and all(value is None for value in others)


class AssetBatch(Document):
    """The body of a batch of writes: at most MAX_BATCH."""

    writes: tuple[AssetWrite, ...]


class AssetChange(Document):
    """What one write did; `changed` names the fields that differ."""

    qualified_name: QualifiedName
    outcome: Literal["created", "updated", "deleted", "unchanged"]
    version: int
    changed: tuple[str, ...] = ()
    change_id: str = ""


class AssetPage(Document):
    """One page of a search; `cursor` asks for the next one."""

    assets: tuple[Asset, ...] = ()
    cursor: str | None = None


class AssetChanges(Document):
    """What a batch of writes did, in the order of the writes."""

    changes: tuple[AssetChange, ...]
