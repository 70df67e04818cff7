"""What a bundle is, by its bytes: the findings against it, and what is kept of it in the bucket and in its version."""

import hashlib
from typing import NamedTuple

from interlock.aws.services import artifacts
from interlock.aws.tables.registry import Registry
from interlock.compiler.advisories import check_libraries
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.canonical_zip import canonical_zip
from interlock.compiler.compatibility import check_events
from interlock.compiler.inspection import Inspection, inspect_bundle
from interlock.compiler.template import stack_parameters
from interlock.compiler.version_plan import VersionPlan
from interlock.compiler.workflow_files import compiled_workflows
from interlock.contract.core import names
from interlock.contract.core.base import Json, Model
from interlock.contract.core.finding import Finding, errors_of
from interlock.contract.core.names import Artifact
from interlock.contract.core.settings import PublishSettings
from interlock.contract.registry import Version
from interlock.control.apps.listing import keep_showcase
from interlock.control.apps.releases import listed_last
from interlock.control.apps.views import keep_views
from interlock.control.publishing.check import known_vulnerabilities
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.definitions import check_definitions
from interlock.control.publishing.network import check_network
from interlock.control.publishing.trial import Tests

JSON_TYPE = "application/json"


class Examined(NamedTuple):
    """What became of a bundle: it passed, or there are errors among the findings."""

    passed: tuple[Bundle, Inspection] | None
    findings: tuple[Finding, ...]


def examine(data: bytes, version: Version, context: PublishContext) -> Examined:
    """Inspect the bytes of a version as everything that reads them would, and as AWS and the deployment see them."""
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
        workflows = compiled_workflows(plan)
        findings.extend(check_definitions(workflows, context.settings.gate_arn, context.settings.pause_arn))
        findings.extend(check_network(plan.manifest.permissions.egress, is_on=bool(context.settings.domain_list)))
        findings.extend(check_libraries(inspection.sbom, known_vulnerabilities(context.settings.artifact_bucket)))
        findings.extend(check_events(_emitted_before(context.registry, version), plan.event_schemas))
    if errors_of(findings) or isinstance(inspection, tuple) or isinstance(bundle, tuple):
        return Examined(None, tuple(findings))
    plan = inspection.plan.model_copy(update={"findings": (*inspection.plan.findings, *findings)})
    return Examined((bundle, inspection.model_copy(update={"plan": plan})), plan.findings)


def keep_artifacts(
    version: Version, data: bytes, bundle: Bundle, inspection: Inspection, context: PublishContext
) -> str:
    """Write what the version's stack and its readers need into the bucket; the VersionId of the stack's parameters."""
    plan = inspection.plan
    prefix = names.artifact_prefix(version.app, version.version, plan.digest)
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
    keep_views(bucket, prefix, plan.manifest.views, bundle.files)
    tests = Tests(tests=inspection.tests)
    artifacts.write_json(bucket, f"{prefix}{Artifact.GOLDEN_TESTS}", tests.model_dump(mode="json"))
    artifacts.write(bucket, f"{prefix}{Artifact.TEMPLATE}", inspection.template.encode(), JSON_TYPE)
    definitions = {name: (f"{prefix}workflows/{name}.asl.json", version_id) for name, version_id in versions.items()}
    parameters = stack_parameters(
        plan, platform_values(context.settings, f"{prefix}{Artifact.BUNDLE}", code), definitions
    )
    location = artifacts.write_json(bucket, f"{prefix}parameters.json", parameters)
    return location


def kept_of(inspection: Inspection, data: bytes) -> dict[str, object]:
    """The fields of a version that say what its bundle is."""
    plan, zipped = inspection.plan, canonical_zip(data)
    code_digest = hashlib.sha256(zipped).hexdigest()
    return {
        "code_digest": "" if code_digest == plan.digest else code_digest,
        "size": len(zipped),
        "changelog": inspection.changelog,
        "digest": plan.digest,
        "manifest": plan.manifest,
        "target": plan.target,
        "config_schema": plan.config_schema,
        "tool_schemas": plan.tool_schemas,
        "event_schemas": plan.event_schemas,
        "steps": plan.steps,
        "workflows": plan.workflows,
        "findings": plan.findings,
    }


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
