"""What was deleted of a removed install or an offboarded tenant."""

from pydantic import Field

from interlock.contract.core.base import Document, Moment


class Counts(Document):
    """How much was deleted."""

    objects: int = 0
    """Objects as they were last."""
    versions: int = 0
    """What was overwritten or deleted before, and was still there."""
    markers: int = 0
    """Marks of S3 that an object was deleted."""
    runs: int = 0
    records: int = 0
    """Items of the table of runs: runs, records of steps, pauses."""
    secrets: int = 0


class DeletionReceipt(Document):
    """What deleting an install, or a tenant, took away."""

    deleted: Counts = Field(default_factory=Counts)
    last_object: str = ""
    """The key up to which objects are counted."""
    last_run: str = ""
    """The place in time up to which runs are counted."""
    at: Moment | None = None
    """When all of it was gone."""

    def with_counts(self, counts: Counts) -> "DeletionReceipt":
        """With more that goes."""
        mine, others = self.deleted.model_dump(), counts.model_dump()
        total = Counts.model_validate({name: mine[name] + others[name] for name in mine})
        return self.model_copy(update={"deleted": total})
