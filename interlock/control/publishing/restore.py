"""A listed version gets its stack again, from its artifacts: in a deployment that an export was imported into.

What was compiled is deployed as it is; nothing is compiled, tried or reviewed again. The parameters are this
deployment's, and so is the signature: the key that signed before may be another deployment's.
"""

import hashlib

from interlock.aws.services import artifacts, stacks
from interlock.aws.tables.table import Stored
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Conflict
from interlock.contract.core.names import Artifact
from interlock.control.apps.signature import sign_version
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.examine import Parameters, platform_values
from interlock.control.publishing.network import open_network


def restore_version(app: str, version: str, context: PublishContext) -> dict[str, Json]:
    """Sign a listed version with this deployment's key, and begin its stack; nothing where the stack is there.

    Raises:
        NotFound: there is no such version, or an artifact of it is absent.
        Conflict: it was never listed, or the bundle in the bucket is another one.
    """
    stored = context.registry.version(app, version)
    current, bucket = stored.item, context.settings.artifact_bucket
    if not current.listed or current.manifest is None:
        raise Conflict(
            f"{app}@{version} was never listed",
            where=f"{app}@{version}",
            code="version-not-listed",
            next_step="Publish it: interlock app publish",
        )
    prefix = names.artifact_prefix(app, version, current.digest)
    code = artifacts.newest_version(bucket, f"{prefix}{Artifact.BUNDLE}")
    digest = hashlib.sha256(artifacts.read(bucket, f"{prefix}{Artifact.BUNDLE}", code)).hexdigest()
    if digest != current.running_digest:
        raise Conflict(
            f"the bundle is not the one that was certified: sha256 {digest}, not {current.running_digest}",
            where=f"{app}@{version}",
            code="bundle-tampered",
            next_step="Import an export that has the bundle, or publish the next version.",
        )
    parameters = _parameters(prefix, code, context)
    artifacts.write_json(bucket, f"{prefix}parameters.json", parameters)
    signed = sign_version(current, context.settings.signing_key)
    context.registry.write_version(Stored(item=signed, rev=stored.rev))
    open_network(current.manifest.permissions.egress, context.settings)
    template = f"{prefix}{Artifact.TEMPLATE}"
    stack = stacks.create(
        names.version_stack(app, version),
        stacks.stored(bucket, template, artifacts.newest_version(bucket, template)),
        parameters,
        context.settings.deploy_role,
        {"interlock:app": app},
    )
    return {"begun": stack.begun}


def _parameters(prefix: str, code: str, context: PublishContext) -> dict[str, str]:
    """The stack's parameters: the deployment's own, and the VersionIds that the definitions have in its bucket."""
    bucket = context.settings.artifact_bucket
    raw = artifacts.read_json(bucket, f"{prefix}parameters.json")
    before = Parameters.model_validate({"values": raw}).values
    parameters = before | platform_values(context.settings, f"{prefix}{Artifact.BUNDLE}", code)
    for name, value in before.items():
        if name not in platform_values(context.settings, "", "") and name.endswith("Key"):
            machine = name.removesuffix("Key")
            parameters[f"{machine}Version"] = artifacts.newest_version(bucket, value)
    return parameters
