"""What a debugger elsewhere fetches of a recorded step: the attempt, the exact bundle, bodies, and (asked) secrets.

Nothing of it is the code's own to ask for: bundles, bodies and secrets go to people who may debug the tenant's runs.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interlock.aws.services import artifacts
from interlock.aws.services.secrets import read_secret
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.core.names import Artifact
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep, Proof
from interlock.contract.platform_step import PLANS
from interlock.contract.registry import Tenant, Version
from interlock.contract.run import Run, StepRecord
from interlock.debugger.choose import choose_record, context_of

_BODY = re.compile(r"runs/(?P<tenant>[a-z0-9-]+)/(?P<run>[a-z0-9]+)/(?P<digest>[0-9a-f]{64})\.json")
MAX_RULES = 100
log = logging.getLogger("interlock")


Prove = Callable[[Version], tuple[Proof | None, str]]
"""A version's proof and the public key that checks it (DER, base64)."""


def _no_proof(version: Version) -> tuple[Proof | None, str]:
    """Of a version that nothing certifies."""
    return None, ""


@dataclass(frozen=True)
class RecordedStepContext:
    """What reading a recorded step works with."""

    registry: Registry
    runs: Runs
    artifacts: str
    """The bucket of what versions are made of."""
    prove: Prove = _no_proof
    """Answers what shows others that a version is certified (`control.apps.signature.proof_of`)."""


def debug_step(context: RecordedStepContext, tenant: str, run: str, wanted: str, attempt: int | None) -> DebugStep:
    """One recorded attempt with all that runs it again; bodies in S3 are named by their keys (see `body_ref`).

    Raises:
        NotFound: no such run, state or attempt, or its records are past their retention.
        Conflict: the run is not over, or no step failed and none was named.
    """
    current = context.runs.find(tenant, run).item
    records: Sequence[StepRecord] = [record for _, record in context.runs.records(tenant, run)]
    record = choose_record(current, records, wanted, attempt)
    version = context.registry.version(current.app, current.version).item
    plan = version.steps.get(record.step)
    if plan is None:
        if record.step in PLANS:
            what = f"{record.state} is a step of the platform, which has no code to debug"
            raise NotFound(what, where=run, code="platform-step", next_step=f"Look at it: interlock run show {run}")
        raise NotFound(
            f"{current.app}@{current.version} has no step {record.step}",
            where=run,
            code="unknown-step",
            next_step=f"interlock run show {run}",
        )
    return DebugStep(
        run=current,
        record=record,
        context=context_of(current, record, _granted(context.registry, current)),
        handler=plan.handler,
        bundle=_bundle(context, version),
    )


def bundle_ref(context: RecordedStepContext, tenant: str, run: str) -> BundleRef:
    """The exact bundle that a run ran.

    Raises:
        NotFound: no such run.
    """
    current = context.runs.find(tenant, run).item
    version = context.registry.version(current.app, current.version).item
    return _bundle(context, version)


def body_ref(runs: Runs, bucket: str, tenant: str, run: str, key: str) -> BodyRef:
    """Where to fetch a body of the tenant's runs of the run's app: a fork's records may name those of its parent.

    Raises:
        NotFound: no such run.
        BadRequest: the key is none of a body of this tenant, or of a run of another app.
    """
    match = _BODY.fullmatch(key)
    if match is None or match["tenant"] != tenant:
        raise BadRequest("the body does not belong to this tenant", where=key, next_step=f"interlock run show {run}")
    app = runs.find(tenant, run).item.app
    if match["run"] != run and runs.find(tenant, match["run"]).item.app != app:
        raise BadRequest("the body belongs to another app", where=key, next_step=f"interlock run show {run}")
    return BodyRef(digest=match["digest"], url=artifacts.presign_read(bucket, key))


def read_secrets(
    context: RecordedStepContext, tenant: str, run: str, wanted: Sequence[str], by: str
) -> dict[str, Json]:
    """The values of secrets that the run's install was granted, for the debugger of who may see them; logged.

    Raises:
        NotFound: no such run, or its install is gone.
        BadRequest: the app does not declare such a secret, or the tenant did not grant it.
    """
    current = context.runs.find(tenant, run).item
    granted = set(_granted(context.registry, current))
    for name in wanted:
        if f"secret:{name}" not in granted:
            raise BadRequest(
                f"the install was not granted secret {name!r}", where=run, next_step="interlock install list"
            )
    log.warning("secrets read for debugging: run=%s tenant=%s names=%s by=%s", run, tenant, ",".join(wanted), by)
    prefix = names.secrets_prefix(tenant, current.install)
    return {name: read_secret(f"{prefix}{name}") for name in wanted}


def set_redaction(registry: Registry, tenant: str, rule: str, *, wanted: bool) -> Tenant:
    """Add a rule of sensitive fields to a tenant, or take it back; the tenant.

    Raises:
        NotFound: no such tenant, or no such rule.
        BadRequest: more than 100 rules.
    """

    def changed(current: Tenant) -> Tenant:
        return current.model_copy(update={"redact": _rules(current, rule, wanted=wanted)})

    return registry.change_tenant(tenant, changed)


def _rules(tenant: Tenant, rule: str, *, wanted: bool) -> tuple[str, ...]:
    where = f"tenant {tenant.id}"
    if not wanted and rule not in tenant.redact:
        raise NotFound(
            f"rule {rule!r} does not exist", where=where, code="unknown-rule", next_step="interlock tenant redact list"
        )
    rules = tuple(dict.fromkeys((*tenant.redact, rule) if wanted else (row for row in tenant.redact if row != rule)))
    if len(rules) > MAX_RULES:
        raise BadRequest(
            f"the tenant has {MAX_RULES} rules, which is the most",
            where=where,
            next_step="Remove one: interlock tenant redact list",
        )
    return rules


def _granted(registry: Registry, run: Run) -> tuple[str, ...]:
    """The install's scopes; those of the manifest where the install is gone."""
    try:
        return registry.install(run.tenant, run.install).item.granted
    except NotFound:
        manifest = registry.version(run.app, run.version).item.manifest
        return manifest.permissions.scopes() if manifest else ()


def _bundle(context: RecordedStepContext, version: Version) -> BundleRef:
    key = names.artifact_prefix(version.app, version.version, version.digest) + Artifact.BUNDLE
    proof, public_key = context.prove(version)
    return BundleRef(
        app=version.app,
        version=version.version,
        digest=version.running_digest,
        size=version.size,
        url=artifacts.presign_read(context.artifacts, key),
        proof=proof,
        public_key=public_key,
    )
