"""What the tasks of `statemachines/publish` share: the version that an upload is for, and how far it is."""

from dataclasses import dataclass
from datetime import UTC, datetime

from interlock.aws.services import objects
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.contract.approval import Answer, Refusal
from interlock.contract.core import names
from interlock.contract.core.base import Document
from interlock.contract.core.failure import Conflict, Failure, NotFound
from interlock.contract.core.settings import PublishSettings
from interlock.contract.registry import Version, VersionStatus


@dataclass(frozen=True)
class PublishContext:
    """What publishing works with."""

    registry: Registry
    settings: PublishSettings


class UploadStack(Document):
    """The version's stack. CloudFormation keeps the events of a stack that was deleted by its id, not by its name."""

    id: str = ""


class Upload(Document):
    """The input of the publish machine: one version of one object; on the way, its stack and what a person said."""

    key: str
    object_version: str
    stack: UploadStack = UploadStack()
    reviewed: Answer | None = None
    refused: Refusal | None = None


def version_of(upload: Upload, context: PublishContext) -> Stored[Version]:
    """The version that an upload is for.

    Raises:
        NotFound: none, or it is not the version's upload: another took its place, or the form was used a second time.
    """
    stored = _registered(upload, context)
    if stored.item.object_version != upload.object_version:
        raise _replaced(upload)
    return stored


def claimed(upload: Upload, context: PublishContext) -> Stored[Version]:
    """The version that an upload is for, where it is the first that came by its form.

    Raises:
        NotFound: as in `version_of`.
    """
    stored = _registered(upload, context)
    if stored.item.object_version not in ("", upload.object_version):
        raise _replaced(upload)
    return stored


def _registered(upload: Upload, context: PublishContext) -> Stored[Version]:
    parts = upload.key.split("/")
    if len(parts) != 5:
        raise NotFound(
            "the key is not the key of an upload", where=upload.key, next_step="Publish again: interlock app publish"
        )
    stored = context.registry.version(f"{parts[1]}/{parts[2]}", parts[3])
    if stored.item.upload_key != upload.key:
        raise _replaced(upload)
    return stored


def _replaced(upload: Upload) -> NotFound:
    return NotFound(
        "another upload of this version took the place of this one",
        where=upload.key,
        next_step="Look at the version: interlock app versions",
    )


def change_version(context: PublishContext, stored: Stored[Version], **fields: object) -> Stored[Version]:
    """Write a version with other fields; as it is stored now.

    Raises:
        Failure: somebody else writes it.
    """
    after = stored.item.model_copy(update=fields)
    try:
        context.registry.write_version(Stored(item=after, rev=stored.rev))
    except Conflict as error:
        raise Failure("another task changes this version", where=stored.item.app, next_step="Try again.") from error
    return Stored(item=after, rev=stored.rev + 1)


def begun(version: Version, stage: VersionStatus) -> dict[str, object]:
    """The fields of a version whose stage begins: one that was begun keeps its time, one that is listed all it has."""
    if version.listed:
        return {}
    stages = {stage.value: datetime.now(UTC).timestamp()} | version.stages
    return {"status": stage, "stages": dict(sorted(stages.items(), key=lambda row: row[1]))}


def drop_uploads(version: Version, context: PublishContext) -> None:
    """Delete what was uploaded for the version, also by those who were cut off."""
    prefix = names.upload_key(version.app, version.version, "").removesuffix(".zip")
    bucket = context.settings.artifact_bucket
    objects.delete_page(bucket, objects.list_page(bucket, prefix))
