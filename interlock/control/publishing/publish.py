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
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from interlock.aws.services import artifacts, stacks
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.compiler.advisories import Advisory, check_libraries
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.canonical_zip import canonical_zip
from interlock.compiler.compatibility import check_events
from interlock.compiler.inspection import Inspection, inspect_bundle
from interlock.compiler.template import stack_parameters
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.certification import Level
from interlock.contract.core import limits, names
from interlock.contract.core.base import Json, Model, now, parse_moment
from interlock.contract.core.failure import Conflict, Failure, NotFound, Rejected, Unavailable
from interlock.contract.core.finding import Finding, errors_of
from interlock.contract.core.names import Artifact
from interlock.contract.core.settings import PublishSettings
from interlock.contract.registration import NewVersion
from interlock.contract.registry import UploadTicket, Version, VersionStatus
from interlock.control.apps.listing import keep_showcase, list_app
from interlock.control.apps.releases import add_release, listed_last
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
from interlock.control.publishing.definitions import check_definitions, stack_findings
from interlock.control.publishing.network import check_network, open_network
from interlock.control.publishing.review import approved, refused
from interlock.control.publishing.trial import Tests, end_trial, ready_sandbox

JSON_TYPE = "application/json"
_ADVISORIES = TypeAdapter(tuple[Advisory, ...])
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
    plan = inspection.plan
    prefix = names.artifact_prefix(stored.item.app, stored.item.version, plan.digest)
    bucket = context.settings.artifact_bucket
    zipped = canonical_zip(data)
    code = artifacts.write(bucket, f"{prefix}{Artifact.BUNDLE}", zipped, "application/zip")
    versions = {
        machine.workflow: artifacts.write(
            bucket, f"{prefix}workflows/{machine.workflow}.asl.json", machine.definition.encode(), JSON_TYPE
        )
        for machine in plan.machines
    }
    for machine in plan.machines:
        artifacts.write(bucket, f"{prefix}{names.source_file(machine.workflow)}", machine.source.encode(), JSON_TYPE)
    artifacts.write_json(bucket, f"{prefix}{Artifact.PLACES}", inspection.places.model_dump(mode="json"))
    artifacts.write_json(bucket, f"{prefix}{Artifact.SBOM}", inspection.sbom)
    keep_showcase(bucket, prefix, plan.manifest.listing, bundle.files)
    tests = Tests(tests=inspection.tests)
    artifacts.write_json(bucket, f"{prefix}{Artifact.GOLDEN_TESTS}", tests.model_dump(mode="json"))
    artifacts.write(bucket, f"{prefix}{Artifact.TEMPLATE}", inspection.template.encode(), JSON_TYPE)
    definitions = {name: (f"{prefix}workflows/{name}.asl.json", version_id) for name, version_id in versions.items()}
    parameters = stack_parameters(
        plan, platform_values(context.settings, f"{prefix}{Artifact.BUNDLE}", code), definitions
    )
    location = artifacts.write_json(bucket, f"{prefix}parameters.json", parameters)
    code_digest = hashlib.sha256(zipped).hexdigest()
    own = {"code_digest": "" if code_digest == plan.digest else code_digest, "size": len(zipped)}
    _keep(context, stored, plan, own | {"changelog": inspection.changelog})
    return {"prefix": prefix, "parameters": location, "digest": plan.digest}


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


def platform_values(settings: PublishSettings, key: str, code: str) -> dict[str, str]:
    """The parameters of a version's stack that are the deployment's, or the bundle's."""
    return {
        "CodeBucket": settings.artifact_bucket,
        "CodeKey": key,
        "CodeVersion": code,
        "DefinitionBucket": settings.artifact_bucket,
        "Gate": settings.gate_arn,
        "Pause": settings.pause_arn,
        "MachineRole": settings.machine_role,
        "StepBoundary": settings.step_boundary,
        "SdkLayer": settings.sdk_layer,
        "Runtime": f"python{settings.target_python}",
        "Architecture": settings.target_architecture,
        "Subnets": settings.subnets,
        "SecurityGroup": settings.security_group,
    }


class Parameters(Model):
    """The parameters of a version's stack, as an artifact has them."""

    values: dict[str, str]


def _inspect(data: bytes, stored: Stored[Version], context: PublishContext) -> tuple[Bundle, Inspection]:
    version = stored.item
    bundle = read_archive(data)
    inspection = bundle if isinstance(bundle, tuple) else inspect_bundle(bundle)
    findings: list[Finding] = list(inspection) if isinstance(inspection, tuple) else []
    if not isinstance(bundle, tuple) and version.digest and bundle.digest != version.digest:
        what = f"the stored bundle has sha256 {bundle.digest}, and {version.digest} was declared"
        findings.append(
            Finding(code="bundle.digest", where="bundle", what=what, fix="Publish the file that was packed.")
        )
    if isinstance(inspection, Inspection):
        plan = inspection.plan
        findings.extend(_mismatches(plan, version, context.settings))
        findings.extend(check_definitions(plan, context.settings))
        findings.extend(check_network(plan.manifest.permissions.egress, context.settings))
        findings.extend(check_libraries(inspection.sbom, known_vulnerabilities(context.settings.artifact_bucket)))
        findings.extend(check_events(_emitted_before(context.registry, version), plan.event_schemas))
    if errors_of(findings) or isinstance(inspection, tuple) or isinstance(bundle, tuple):
        change_version(context, stored, findings=tuple(findings))
        raise Rejected(f"the bundle has {len(findings)} findings", findings, where=f"{version.app}@{version.version}")
    plan = inspection.plan.model_copy(update={"findings": (*inspection.plan.findings, *findings)})
    return bundle, inspection.model_copy(update={"plan": plan})


def known_vulnerabilities(bucket: str) -> tuple[Advisory, ...]:
    """What the operator keeps of known vulnerabilities.

    Raises:
        Failure: the file is not a list of OSV entries, so nothing can be said of any library.
    """
    text = artifacts.read_optional(bucket, names.ADVISORIES, limits.ADVISORY_BYTES)
    try:
        return _ADVISORIES.validate_json(text) if text else ()
    except ValidationError as error:
        raise Failure(
            "the operator's file of advisories is not a JSON list of OSV entries",
            where=f"s3://{bucket}/{names.ADVISORIES}",
            next_step="Inform the operator: docs/aws.md.",
        ) from error


def _emitted_before(registry: Registry, version: Version) -> dict[str, Json]:
    """The schemas of events of the version that was listed last."""
    before = listed_last(registry, version.app, but=version.version)
    return before.event_schemas if before else {}


def _mismatches(plan: VersionPlan, version: Version, settings: PublishSettings) -> list[Finding]:
    findings: list[Finding] = []
    app = plan.manifest.app
    if (app.id, app.version) != (version.app, version.version):
        what = f"the manifest is of {app.id}@{app.version}, and the upload of {version.app}@{version.version}"
        findings.append(
            Finding(
                code="bundle.identity",
                where="interlock.toml#app",
                what=what,
                fix="Publish the bundle under the name of its manifest.",
            )
        )
    target = plan.target
    if target is not None and (target.python, target.architecture) != (
        settings.target_python,
        settings.target_architecture,
    ):
        runs = f"{settings.target_python} {settings.target_architecture}"
        what = f"the packages are for Python {target.python} {target.architecture}, and the platform runs {runs}"
        findings.append(
            Finding(
                code="bundle.target", where=".interlock/target.json", what=what, fix="Pack it again: interlock app pack"
            )
        )
    return findings


def _keep(context: PublishContext, stored: Stored[Version], plan: VersionPlan, own: Mapping[str, object]) -> None:
    change_version(
        context,
        stored,
        **own,
        digest=plan.digest,
        manifest=plan.manifest,
        target=plan.target,
        config_schema=plan.config_schema,
        tool_schemas=plan.tool_schemas,
        event_schemas=plan.event_schemas,
        steps=plan.steps,
        workflows=plan.workflows,
        findings=plan.findings,
    )
