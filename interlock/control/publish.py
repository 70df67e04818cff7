"""Publishing: from a request to upload to a listed version. Each task of `statemachines/publish` is one function here.

  request_upload   a version item, and a form for exactly one object
  inspect          the bytes of one VersionId: sha256, archive, manifest, workflows, code; findings reject
  deploy           definitions and template into the bucket, the version stack begun
  look             is the stack there?
  certify          the digest signed with KMS, the version listed
  reject           findings kept, the stack deleted; nothing half-published remains
Every task looks first at what is there, so that it can run again after a crash at any point.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from interlock.aws import artifacts, objects, signing, stacks
from interlock.aws.registry import Registry, StoredVersion
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.compatibility import check_events
from interlock.compiler.places import places
from interlock.compiler.plan import VersionPlan, plan_version
from interlock.compiler.template import stack_parameters, version_template
from interlock.contract import names
from interlock.contract.base import Document, Json, Model, moment
from interlock.contract.explain import PLACES_FILE
from interlock.contract.failure import Conflict, Failure, NotFound, Rejected
from interlock.contract.finding import Finding, errors_of
from interlock.contract.payload import canonical
from interlock.contract.registry import Certificate, Version, VersionStatus
from interlock.contract.settings import PublishSettings
from interlock.control.releases import add_release

JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Publisher:
    """What publishing works with."""

    registry: Registry
    settings: PublishSettings


class Upload(Document):
    """The input of the publish machine: one version of one object."""

    key: str
    object_version: str


class UploadTicket(Model):
    """What a publisher gets to upload a bundle."""

    version: Version
    form: artifacts.UploadForm | None
    """None where the same bytes are listed already."""


def request_upload(registry: Registry, bucket: str, app: str, version: str, digest: str) -> UploadTicket:
    """Register a version that is to come, and presign its upload.

    Raises:
        Conflict: the version exists with other bytes, or is being published.
    """
    registry.publisher(app.partition("/")[0])
    try:
        stored = registry.version(app, version)
    except NotFound:
        stored = None
    if stored is not None and stored.version.status is VersionStatus.LISTED:
        if stored.version.digest == digest:
            return UploadTicket(version=stored.version, form=None)
        raise Conflict(
            f"{app}@{version} exists with other bytes: a version is immutable",
            where=f"{app}@{version}",
            code="version-exists",
            next_step="Raise the version in interlock.toml, then publish again.",
        )
    if stored is not None and stored.version.status in (VersionStatus.CHECKING, VersionStatus.DEPLOYING):
        raise Conflict(
            f"{app}@{version} is being published", code="version-busy", next_step="Wait for it, then try again."
        )
    key = names.upload_key(app, version, names.ulid())
    fresh = Version(
        app=app,
        version=version,
        status=VersionStatus.UPLOADING,
        digest=digest,
        upload_key=key,
        created=moment(datetime.now(UTC)),
    )
    registry.write_version(StoredVersion(version=fresh, rev=stored.rev if stored else 0))
    return UploadTicket(version=fresh, form=artifacts.presign(bucket, key))


def inspect(upload: Upload, publisher: Publisher) -> dict[str, Json]:
    """Check the uploaded bytes, and keep what the platform has to know of the version.

    Raises:
        Rejected: findings.
    """
    stored = _stored(upload, publisher)
    _write(publisher, stored, status=VersionStatus.CHECKING, object_version=upload.object_version, stage="checking")
    data = artifacts.read(publisher.settings.artifact_bucket, upload.key, upload.object_version)
    archive, plan = _plan(data, stored.version, publisher)
    prefix = names.artifact_prefix(stored.version.app, stored.version.version, plan.digest)
    bucket = publisher.settings.artifact_bucket
    code = artifacts.write(bucket, f"{prefix}bundle.zip", data, "application/zip")
    versions = {
        machine.workflow: artifacts.write(
            bucket, f"{prefix}workflows/{machine.workflow}.asl.json", machine.definition.encode(), JSON_TYPE
        )
        for machine in plan.machines
    }
    artifacts.write_json(bucket, f"{prefix}{PLACES_FILE}", places(archive, plan.manifest).model_dump(mode="json"))
    template = version_template(plan)
    artifacts.write(bucket, f"{prefix}template.json", template.encode(), JSON_TYPE)
    settings = publisher.settings
    values = {
        "CodeBucket": bucket,
        "CodeKey": f"{prefix}bundle.zip",
        "CodeVersion": code,
        "DefinitionBucket": bucket,
        "Gate": settings.gate_arn,
        "Pause": settings.pause_arn,
        "MachineRole": settings.machine_role,
        "StepBoundary": settings.step_boundary,
        "SdkLayer": settings.sdk_layer,
        "Runtime": f"python{settings.target_python}",
        "Architecture": settings.target_architecture,
    }
    definitions = {name: (f"{prefix}workflows/{name}.asl.json", found) for name, found in versions.items()}
    parameters = stack_parameters(plan, values, definitions)
    location = artifacts.write_json(bucket, f"{prefix}parameters.json", parameters)
    _keep(publisher, stored, plan, len(data))
    return {"prefix": prefix, "parameters": location, "digest": plan.digest}


def deploy(upload: Upload, publisher: Publisher) -> dict[str, Json]:
    """Begin the version's stack."""
    stored = _stored(upload, publisher)
    version = stored.version
    _write(publisher, stored, status=VersionStatus.DEPLOYING, stage="deploying")
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    bucket = publisher.settings.artifact_bucket
    newest = {word: artifacts.newest_version(bucket, f"{prefix}{word}.json") for word in ("template", "parameters")}
    raw = artifacts.read(bucket, f"{prefix}parameters.json", newest["parameters"])
    parameters = _Parameters.model_validate_json(b'{"values":' + raw + b"}").values
    template = stacks.stored(bucket, f"{prefix}template.json", newest["template"])
    name = names.version_stack(version.app, version.version)
    stacks.create(name, template, parameters, publisher.settings.deploy_role, {"interlock:app": version.app})
    return {"name": name, "done": False}


def look(upload: Upload, publisher: Publisher) -> dict[str, Json]:
    """Whether the version's stack is there."""
    version = _stored(upload, publisher).version
    name = names.version_stack(version.app, version.version)
    return {"name": name, "done": stacks.is_done(name)}


def certify(upload: Upload, publisher: Publisher) -> dict[str, Json]:
    """Sign the digest, and list the version."""
    stored = _stored(upload, publisher)
    version = stored.version
    certificate = Certificate(app=version.app, version=version.version, digest=version.digest)
    signature = signing.sign(publisher.settings.signing_key, canonical(certificate.model_dump()))
    now = datetime.now(UTC)
    stages = version.stages | {"listed": now.timestamp()}
    listed = version.model_copy(
        update={"status": VersionStatus.LISTED, "signature": signature, "listed": moment(now), "stages": stages}
    )
    publisher.registry.write_version(StoredVersion(version=listed, rev=stored.rev))
    add_release(publisher.registry, listed)
    _drop_uploads(stored.version, publisher)
    return {"digest": version.digest, "app": version.app}


def reject(upload: Upload, publisher: Publisher, cause: str) -> dict[str, Json]:
    """Keep why a version was rejected, and leave nothing of it behind."""
    stored = _stored(upload, publisher)
    findings = stored.version.findings or (
        Finding(
            code="publish.failed",
            where="publish",
            what=cause[:500],
            fix="Publish again; tell the operator if it stays.",
        ),
    )
    stacks.delete(names.version_stack(stored.version.app, stored.version.version))
    rejected = stored.version.model_copy(update={"status": VersionStatus.REJECTED, "findings": findings})
    publisher.registry.write_version(StoredVersion(version=rejected, rev=stored.rev))
    if stored.version.status is VersionStatus.LISTED:
        add_release(publisher.registry, rejected)
    _drop_uploads(stored.version, publisher)
    return {"findings": len(findings)}


def _drop_uploads(version: Version, publisher: Publisher) -> None:
    """Delete what was uploaded for the version, also by those who were cut off."""
    prefix = names.upload_key(version.app, version.version, "").removesuffix(".zip")
    bucket = publisher.settings.artifact_bucket
    objects.delete_page(bucket, objects.list_page(bucket, prefix))


class _Parameters(Model):
    values: dict[str, str]


def _stored(upload: Upload, publisher: Publisher) -> StoredVersion:
    parts = upload.key.split("/")
    if len(parts) != 5:
        raise NotFound("not the key of an upload", where=upload.key)
    stored = publisher.registry.version(f"{parts[1]}/{parts[2]}", parts[3])
    if stored.version.upload_key != upload.key:
        raise NotFound("another upload took this one's place", where=upload.key)
    return stored


def _plan(data: bytes, version: Version, publisher: Publisher) -> tuple[Bundle, VersionPlan]:
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    findings: list[Finding] = list(plan) if isinstance(plan, tuple) else []
    if not isinstance(bundle, tuple) and version.digest and bundle.digest != version.digest:
        what = f"the stored bytes have sha256 {bundle.digest}, declared were {version.digest}"
        findings.append(
            Finding(code="bundle.digest", where="bundle", what=what, fix="Publish the file that was packed.")
        )
    if isinstance(plan, VersionPlan):
        findings.extend(_mismatches(plan, version, publisher.settings))
        findings.extend(check_events(_emitted_before(publisher.registry, version), plan.event_schemas))
    if errors_of(findings) or isinstance(plan, tuple) or isinstance(bundle, tuple):
        stored = publisher.registry.version(version.app, version.version)
        kept = stored.version.model_copy(update={"findings": tuple(findings)})
        publisher.registry.write_version(StoredVersion(version=kept, rev=stored.rev))
        raise Rejected(f"{len(findings)} findings", findings, where=f"{version.app}@{version.version}")
    return bundle, plan.model_copy(update={"findings": (*plan.findings, *findings)})


def _emitted_before(registry: Registry, version: Version) -> dict[str, Json]:
    """The schemas of events of the version that was listed last."""
    listed = [row for row in registry.versions(version.app) if row.listed and row.version != version.version]
    return max(listed, key=lambda row: row.listed or "").event_schemas if listed else {}


def _mismatches(plan: VersionPlan, version: Version, settings: PublishSettings) -> list[Finding]:
    found: list[Finding] = []
    app = plan.manifest.app
    if (app.id, app.version) != (version.app, version.version):
        what = f"the manifest says {app.id}@{app.version}, the upload was for {version.app}@{version.version}"
        found.append(
            Finding(code="bundle.identity", where="interlock.toml#app", what=what, fix="Publish it under its own name.")
        )
    target = plan.target
    if target is not None and (target.python, target.architecture) != (
        settings.target_python,
        settings.target_architecture,
    ):
        runs = f"{settings.target_python} {settings.target_architecture}"
        what = f"vendored for Python {target.python} {target.architecture}, the platform runs {runs}"
        found.append(
            Finding(
                code="bundle.target", where=".interlock/target.json", what=what, fix="Pack it again: interlock app pack"
            )
        )
    return found


def _write(
    publisher: Publisher, stored: StoredVersion, *, status: VersionStatus, stage: str, object_version: str = ""
) -> None:
    version = stored.version
    words = {"status": status, "stages": version.stages | {stage: datetime.now(UTC).timestamp()}}
    words |= {"object_version": object_version} if object_version else {}
    try:
        publisher.registry.write_version(StoredVersion(version=version.model_copy(update=words), rev=stored.rev))
    except Conflict as error:
        raise Failure("somebody else writes this version", where=version.app) from error


def _keep(publisher: Publisher, stored: StoredVersion, plan: VersionPlan, size: int) -> None:
    again = publisher.registry.version(stored.version.app, stored.version.version)
    kept = again.version.model_copy(
        update={
            "digest": plan.digest,
            "size": size,
            "manifest": plan.manifest,
            "target": plan.target,
            "config_schema": plan.config_schema,
            "tool_schemas": plan.tool_schemas,
            "event_schemas": plan.event_schemas,
            "steps": plan.steps,
            "workflows": plan.workflows,
            "findings": plan.findings,
        }
    )
    publisher.registry.write_version(StoredVersion(version=kept, rev=again.rev))
