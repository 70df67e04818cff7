"""The policy of the session that the gate vends to a step: literal ARNs of one install. Pure.

The tenant's access role bounds it (`compiler.tenant_template`); what both allow is what the step can do.
"""

import json
from collections.abc import Iterable
from typing import Any

from interlock.contract.core import limits, names
from interlock.contract.core.base import Model
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import Finding
from interlock.contract.language_model import SCOPE as MODEL_SCOPE


class Deployment(Model):
    """Where ARNs point: an account and region, its runtime API and data bucket."""

    partition: str
    region: str
    account: str
    api_id: str
    bucket: str


ROUTES = {
    "catalog:read": ("GET/runtime/assets",),
    "catalog:write": ("POST/runtime/assets:batch",),
    "catalog:write:tags": ("POST/runtime/assets:batch",),
    "model": ("POST/runtime/model:converse",),
}


def read_only(granted: Iterable[str]) -> tuple[str, ...]:
    """What is left of granted scopes in a dry run: nothing is written, nothing emitted, and no model called."""
    return tuple(word for word in granted if not word.startswith(("catalog:write", "emit:")) and word != MODEL_SCOPE)


def session_policy(
    deployment: Deployment, tenant: str, install: str, granted: Iterable[str], *, dry: bool = False, full: bool = False
) -> str:
    """The session policy of an install.

    Args:
        deployment: where the install lives.
        tenant: the tenant's id.
        install: the install's ULID.
        granted: scopes that the tenant consented to (`Permissions.scopes`).
        dry: read only.
        full: its state is past its quota: it reads and deletes, and stores no more.

    Raises:
        Rejected: longer than STS takes; found at install time, not at two in the morning.
    """
    scopes = set(granted)
    routes = {route for word in scopes for route in ROUTES.get(word, ())}
    if any(word.startswith("emit:") for word in scopes):
        routes.add("POST/runtime/events")
    if dry:
        routes = {route for route in routes if route.startswith("GET")}
    api = f"arn:{deployment.partition}:execute-api:{deployment.region}:{deployment.account}:{deployment.api_id}/*/"
    statements: list[dict[str, Any]] = [_allow(["sts:GetCallerIdentity"], ["*"])]
    if routes:
        statements.append(_allow(["execute-api:Invoke"], [api + route for route in sorted(routes)]))
    if "state" in scopes:
        prefix = names.state_prefix(tenant, install)
        bucket = f"arn:{deployment.partition}:s3:::{deployment.bucket}"
        actions = ["s3:GetObject", *([] if dry else ["s3:DeleteObject"]), *([] if dry or full else ["s3:PutObject"])]
        statements.append(_allow(actions, [f"{bucket}/{prefix}*"]))
        listing = _allow(["s3:ListBucket"], [bucket])
        statements.append(listing | {"Condition": {"StringLike": {"s3:prefix": f"{prefix}*"}}})
    if any(word.startswith("secret:") for word in scopes):
        prefix = names.secrets_prefix(tenant, install)
        secret = f"arn:{deployment.partition}:secretsmanager:{deployment.region}:{deployment.account}:secret:{prefix}*"
        statements.append(_allow(["secretsmanager:GetSecretValue"], [secret]))
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    if len(policy) > limits.SESSION_POLICY_CHARS:
        what = f"the session policy has {len(policy)} characters, and may have {limits.SESSION_POLICY_CHARS}"
        fix = "Declare fewer scopes."
        raise Rejected(what, [Finding(code="install.policy-size", where="permissions", what=what, fix=fix)])
    return policy


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
