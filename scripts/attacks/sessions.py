"""Calls of AWS by what a hostile step holds: the session of one install, evaluated as IAM does."""

import json
from collections.abc import Iterator

from interlock.compiler.policy import Deployment, session_policy
from scripts.attacks.case import Case
from tests.support.iam import World

DEPLOYMENT = Deployment(partition="aws", region="us-east-1", account="123456789012", api_id="api1", bucket="data")
TENANT, INSTALL, OTHER = "globex", "01M83HEJYS197K195ZCFSBKRQW", "01M83HEJYS197K195ZCFSBKRQX"
SCOPES = ("catalog:read", "catalog:write:tags", "emit:a.b", "secret:key", "state")
OWN = f"arn:aws:s3:::data/tenants/{TENANT}/installs/{INSTALL}/state/"
API = "arn:aws:execute-api:us-east-1:123456789012:api1/$default/"
Call = tuple[str, str, dict[str, str]]


def cases() -> Iterator[Case]:
    """Every call that a session must not make, and what it may do, so that a denial says something."""
    for name, call in _DENIED.items():
        yield Case("sessions", name, "denied", lambda call=call: _verdict(call))
    for name, call in _ALLOWED.items():
        yield Case("sessions", f"permitted: {name}", "allowed", lambda call=call: _verdict(call))
    for name, call in _ALLOWED.items():
        if name.startswith("write"):
            yield Case("sessions", f"dry: {name}", "denied", lambda call=call: _verdict(call, dry=True))


def _verdict(call: Call, *, dry: bool = False) -> str:
    action, resource, context = call
    policy = json.loads(session_policy(DEPLOYMENT, TENANT, INSTALL, SCOPES, dry=dry))
    return "allowed" if World().allows(policy["Statement"], action, resource, **context) else "denied"


def _call(action: str, resource: str, **context: str) -> Call:
    return action, resource, context


def _listing(prefix: str) -> Call:
    return "s3:ListBucket", "arn:aws:s3:::data", {"s3:prefix": prefix}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:us-east-1:123456789012:{rest}"


_ALLOWED: dict[str, Call] = {
    "read its own state": _call("s3:GetObject", f"{OWN}a"),
    "write its own state": _call("s3:PutObject", f"{OWN}a"),
    "write tags by the runtime API": _call("execute-api:Invoke", f"{API}POST/runtime/assets:batch"),
    "read its own secret": _call(
        "secretsmanager:GetSecretValue", _arn("secretsmanager", f"secret:interlock/{TENANT}/{INSTALL}/key-a1B2c3")
    ),
    "list its own state": _listing(f"tenants/{TENANT}/installs/{INSTALL}/state/a"),
}
_DENIED: dict[str, Call] = {
    "the state of another install": _call("s3:GetObject", OWN.replace(INSTALL, OTHER) + "a"),
    "the state of another tenant": _call("s3:GetObject", OWN.replace(TENANT, "initech") + "a"),
    "a tenant whose name begins alike": _call("s3:GetObject", OWN.replace(TENANT, f"{TENANT}-x") + "a"),
    "the tenant's runs": _call("s3:GetObject", f"arn:aws:s3:::data/runs/{TENANT}/R1/input.json"),
    "all of the tenant's files": _call("s3:GetObject", f"arn:aws:s3:::data/tenants/{TENANT}/x"),
    "an older version of its state": _call("s3:GetObjectVersion", f"{OWN}a"),
    "the permissions of its state": _call("s3:PutObjectAcl", f"{OWN}a"),
    "the whole bucket": _listing(""),
    "the tenant's folder": _listing(f"tenants/{TENANT}/"),
    "another install's folder": _listing(f"tenants/{TENANT}/installs/{OTHER}/state/"),
    "a listing without a prefix": _call("s3:ListBucket", "arn:aws:s3:::data"),
    "the bundles of all apps": _call("s3:GetObject", "arn:aws:s3:::artifacts/versions/acme/app/1.0.0/bundle.zip"),
    "a secret of another install": _call(
        "secretsmanager:GetSecretValue", _arn("secretsmanager", f"secret:interlock/{TENANT}/{OTHER}/key-a1B2c3")
    ),
    "a secret of another tenant": _call(
        "secretsmanager:GetSecretValue", _arn("secretsmanager", f"secret:interlock/initech/{INSTALL}/key-a1B2c3")
    ),
    "the secret that signs tickets": _call(
        "secretsmanager:GetSecretValue", _arn("secretsmanager", "secret:interlock-ticket-a1B2c3")
    ),
    "writing its own secret": _call(
        "secretsmanager:PutSecretValue", _arn("secretsmanager", f"secret:interlock/{TENANT}/{INSTALL}/key-a1B2c3")
    ),
    "the list of secrets": _call("secretsmanager:ListSecrets", "*"),
    "the registry": _call("dynamodb:GetItem", _arn("dynamodb", "table/interlock-registry")),
    "the runs": _call("dynamodb:Query", _arn("dynamodb", "table/interlock-runs")),
    "its tenant's catalog, past the API": _call(
        "dynamodb:PutItem", _arn("dynamodb", f"table/interlock-catalog-{TENANT}")
    ),
    "its tenant's bus, past the API": _call("events:PutEvents", _arn("events", f"event-bus/interlock-{TENANT}")),
    "a rule of its own": _call("events:PutRule", _arn("events", f"rule/interlock-{TENANT}/x")),
    "the queue of starts": _call("sqs:SendMessage", _arn("sqs", "interlock-starts")),
    "a run of its own": _call("states:StartExecution", _arn("states", "stateMachine:interlock-v-0-main")),
    "a pause's decision": _call("states:SendTaskSuccess", "*"),
    "the gate": _call("lambda:InvokeFunction", _arn("lambda", "function:interlock-gate")),
    "another app's step": _call("lambda:InvokeFunction", _arn("lambda", "function:interlock-v-0-m256")),
    "code of its own function": _call("lambda:UpdateFunctionCode", _arn("lambda", "function:interlock-v-0-m256")),
    "another role": _call("sts:AssumeRole", "arn:aws:iam::123456789012:role/interlock-access-initech"),
    "a user of its own": _call("iam:CreateUser", "arn:aws:iam::123456789012:user/x"),
    "the signing key": _call("kms:Sign", _arn("kms", "key/1")),
    "logs of others": _call("logs:FilterLogEvents", _arn("logs", "log-group:/aws/lambda/interlock-api:*")),
    "the control API": _call("execute-api:Invoke", _arn("execute-api", "control/$default/GET/v1/tenants")),
    "a route that it was not granted": _call("execute-api:Invoke", f"{API}POST/runtime/other"),
    "another verb of its route": _call("execute-api:Invoke", f"{API}DELETE/runtime/assets"),
}
