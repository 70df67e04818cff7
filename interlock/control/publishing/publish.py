"""Publishing: from a request to upload to a listed version. Each task of `statemachines/publish` is one function here.

  request_upload   a version item, and a form for exactly one object
  inspect          the bytes of one VersionId: sha256, archive, manifest, workflows, code; findings reject
  deploy           the bytes have the digest that was inspected; the version stack begun
  look             is the stack there?
  (control.trial: the golden tests in the sandbox; control.review: what a person has to let pass)
  certify          digest, manifest, plan and permissions signed with KMS, the version listed
  list_version     the app's releases and its listing have the version; what was uploaded is deleted
  reject           findings kept, the trial and the stack deleted; nothing half-published remains
Every task looks first at what is there, so that it can run again after a crash at any point. All but the first take the
upload that `inspect` began with alone: a form that is used again changes nothing, and its rejection undoes nothing.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from interlock.aws.services import artifacts, stacks
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.compiler.archive import Bundle
from interlock.compiler.inspection import Inspection
from interlock.contract.certification import Level
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, now, parse_moment
from interlock.contract.core.failure import Conflict, NotFound, Rejected, Unavailable
from interlock.contract.core.finding import Finding, errors_of
from interlock.contract.core.names import Artifact
from interlock.contract.directory import PublishedApp
from interlock.contract.registration import NewVersion
from interlock.contract.registry import UploadTicket, Version, VersionStatus
from interlock.control.apps.listing import list_app
from interlock.control.apps.releases import add_release
from interlock.control.apps.signature import sign_version
from interlock.control.publishing.context import (
    PublishContext,
    Upload,
    begun,
    change_version,
    claimed,
    drop_uploads,
    version_of,
)
from interlock.control.publishing.definitions import stack_findings
from interlock.control.publishing.examine import Parameters, examine, keep_artifacts, kept_of
from interlock.control.publishing.network import open_network
from interlock.control.publishing.review import approved, refused
from interlock.control.publishing.trial import end_trial, ready_sandbox

STALE = timedelta(hours=1)
"""A version that the pipeline has had for longer without a word is not being published any more (a review may wait)."""
REVIEWABLE = timedelta(days=limits.REVIEW_DAYS + 1)


def request_upload(registry: Registry, bucket: str, app: str, new: NewVersion) -> UploadTicket:
    """Register a version that is to come, and presign its upload.

    Args:
        registry: where it is registered.
        bucket: where it is uploaded.
        app: `publisher/name`.
        new: its semver, the sha256 of what will be uploaded, and whether a person is to look at it in any case.

    Raises:
        Conflict: the version exists with other bytes, or is being published.
    """
    version, digest = new.version, new.digest
    registry.publisher(app.partition("/")[0])
    try:
        stored = registry.version(app, version)
    except NotFound:
        stored = None
    if stored is not None and stored.item.listed:
        if stored.item.digest == digest:
            return UploadTicket(version=stored.item, form=None)
        raise Conflict(
            f"{app}@{version} exists with other content, and a version can't be changed",
            where=f"{app}@{version}",
            code="version-exists",
            next_step="Raise the version in interlock.toml, then publish again.",
        )
    if stored is not None and _is_busy(stored.item):
        raise Conflict(
            f"{app}@{version} is being published already",
            code="version-busy",
            next_step="Wait for its end, then try again.",
        )
    key = names.upload_key(app, version, names.ulid())
    fresh = Version(
        app=app,
        version=version,
        status=VersionStatus.UPLOADING,
        digest=digest,
        upload_key=key,
        review_asked=new.review,
        created=now(),
    )
    registry.keep_app(PublishedApp(app=app, since=fresh.created))
    registry.write_version(Stored(item=fresh, rev=stored.rev if stored else 0))
    return UploadTicket(version=fresh, form=artifacts.presign(bucket, key))


def inspect(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Check the uploaded bytes, and keep what the platform has to know of the version.

    Raises:
        Rejected: findings.
    """
    stored = claimed(upload, context)
    fields = begun(stored.item, VersionStatus.CHECKING)
    stored = change_version(context, stored, **fields, object_version=upload.object_version)
    data = artifacts.read(context.settings.artifact_bucket, upload.key, upload.object_version)
    bundle, inspection = _inspect(data, stored, context)
    location = keep_artifacts(stored.item, data, bundle, inspection, context)
    own = kept_of(inspection, data)
    change_version(context, stored, **own)
    digest = inspection.plan.digest
    prefix = names.artifact_prefix(stored.item.app, stored.item.version, digest)
    return {"prefix": prefix, "parameters": location, "digest": digest}


def deploy(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Begin the version's stack, of the very bytes that were inspected, once the stack of an attempt before is gone.

    Raises:
        Conflict: the bundle in the bucket is another one.
        Unavailable: the stack before it does not go.
    """
    stored = version_of(upload, context)
    stored = change_version(context, stored, **begun(stored.item, VersionStatus.DEPLOYING))
    version = stored.item
    if version.manifest and version.manifest.tests:
        ready_sandbox(context)
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    bucket = context.settings.artifact_bucket
    newest = {word: artifacts.newest_version(bucket, f"{prefix}{word}.json") for word in ("template", "parameters")}
    raw = artifacts.read(bucket, f"{prefix}parameters.json", newest["parameters"])
    parameters = Parameters.model_validate_json(b'{"values":' + raw + b"}").values
    digest = hashlib.sha256(artifacts.read(bucket, f"{prefix}{Artifact.BUNDLE}", parameters["CodeVersion"])).hexdigest()
    if digest != version.running_digest:
        raise Conflict(
            f"the bundle changed after its inspection: sha256 {digest}, not {version.running_digest}",
            where=f"{version.app}@{version.version}",
            code="bundle-tampered",
            next_step="Inform the operator, and publish again: interlock app publish",
        )
    if version.manifest:
        open_network(version.manifest.permissions.egress, context.settings)
    template = stacks.stored(bucket, f"{prefix}{Artifact.TEMPLATE}", newest["template"])
    name = names.version_stack(version.app, version.version)
    stack = stacks.create(name, template, parameters, context.settings.deploy_role, {"interlock:app": version.app})
    if not stack.begun:
        _require_time(version, name)
    return {"name": name, "id": stack.id, "begun": stack.begun}


def look(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Whether the version's stack is there.

    Raises:
        Rejected: AWS refused a resource of the stack; the findings have its reasons.
        Unavailable: the stack failed, and no event of it says why.
    """
    stored = version_of(upload, context)
    version = stored.item
    name = names.version_stack(version.app, version.version)
    stack = upload.stack.id or name
    try:
        done = stacks.is_done(stack)
    except Unavailable as error:
        findings = stack_findings(stacks.failures(stack), version)
        if not findings:
            raise
        change_version(context, stored, findings=(*version.findings, *findings))
        raise Rejected("AWS refused the version's stack", list(findings), where=name) from error
    if not done:
        _require_time(version, name)
    return {"name": name, "id": upload.stack.id, "done": done}


def _require_time(version: Version, stack: str) -> None:
    """Refuse to wait for ever, for a stack or for the deletion of the one before it."""
    began = version.stages.get(VersionStatus.DEPLOYING.value, datetime.now(UTC).timestamp())
    if datetime.now(UTC).timestamp() - began > limits.STACK_SECONDS:
        raise Unavailable(
            f"the stack {stack} was not ready in {limits.STACK_SECONDS} s",
            where=stack,
            next_step="Publish again: interlock app publish. If it fails again, inform the operator.",
        )


def certify(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Sign what the version is, and let it be installed. From here on nothing takes it back."""
    stored = version_of(upload, context)
    end_trial(stored.item, context)
    review = approved(stored.item.review, upload.reviewed)
    level = Level.REVIEWED if review and review.approved else Level.AUTOMATIC
    fields: dict[str, object] = {"level": level, "review": review}
    version = sign_version(stored.item.model_copy(update=fields), context.settings.signing_key)
    fields = begun(version, VersionStatus.LISTED)
    listed = version.model_copy(update=fields | {"listed": version.listed or now()})
    context.registry.write_version(Stored(item=listed, rev=stored.rev))
    return {"digest": version.digest}


def list_version(upload: Upload, context: PublishContext) -> dict[str, Json]:
    """Show a certified version: among the app's releases, and in its listing."""
    version = version_of(upload, context).item
    add_release(context.registry, version)
    list_app(context.registry, version.app)
    drop_uploads(version, context)
    return {"app": version.app}


def reject(upload: Upload, context: PublishContext, cause: str) -> dict[str, Json]:
    """Keep why a version was rejected, and leave nothing of it behind.

    An upload that is not the version's, and one whose version is listed, undoes nothing.
    """
    try:
        stored = version_of(upload, context)
    except NotFound:
        return {"findings": 0}
    if stored.item.listed:
        return {"findings": 0}
    review, findings = stored.item.review, stored.item.findings
    if upload.refused and review:
        review, finding = refused(review, upload.refused)
        findings = (*(row for row in findings if row.code != finding.code), finding)
    if not errors_of(findings):
        fix = "Publish again; if it fails again, inform the operator."
        findings = (*findings, Finding(code="publish.failed", where="publish", what=cause[:500], fix=fix))
    end_trial(stored.item, context)
    stacks.delete(names.version_stack(stored.item.app, stored.item.version))
    rejected = stored.item.model_copy(update={"status": VersionStatus.REJECTED, "findings": findings, "review": review})
    context.registry.write_version(Stored(item=rejected, rev=stored.rev))
    drop_uploads(stored.item, context)
    return {"findings": len(findings)}


def _is_busy(version: Version) -> bool:
    if version.status is VersionStatus.REVIEW and version.review:
        return datetime.now(UTC) - parse_moment(version.review.since) < REVIEWABLE
    last = max(version.stages.values(), default=0.0)
    return version.status.being_published and datetime.now(UTC).timestamp() - last < STALE.total_seconds()


def _inspect(data: bytes, stored: Stored[Version], context: PublishContext) -> tuple[Bundle, Inspection]:
    examined = examine(data, stored.item, context)
    if examined.passed:
        return examined.passed
    change_version(context, stored, findings=examined.findings)
    where = f"{stored.item.app}@{stored.item.version}"
    raise Rejected(f"the bundle has {len(examined.findings)} findings", list(examined.findings), where=where)
