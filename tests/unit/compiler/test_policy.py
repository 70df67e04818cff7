"""The session policy: literal ARNs of one install, nothing that was not granted."""

import json

import pytest

from interlock.compiler.policy import Deployment, session_policy
from interlock.contract.core import limits
from interlock.contract.core.failure import Rejected

DEPLOYMENT = Deployment(partition="aws", region="eu-west-1", account="123456789012", api_id="abc", bucket="data")
ALL = ("catalog:read", "catalog:write", "emit:a.b", "secret:x", "state", "egress:example.com:443")


def allowed(*granted: str, dry: bool = False) -> dict[str, list[str]]:
    policy = json.loads(session_policy(DEPLOYMENT, "acme", "01J", granted, dry=dry))
    assert {row["Effect"] for row in policy["Statement"]} == {"Allow"}
    return {action: row["Resource"] for row in policy["Statement"] for action in row["Action"]}


def test_nothing_granted_is_nothing() -> None:
    assert allowed() == {"sts:GetCallerIdentity": ["*"]}
    assert allowed("egress:example.com:443") == allowed()


def test_each_scope() -> None:
    api = "arn:aws:execute-api:eu-west-1:123456789012:abc/*/"
    assert allowed("catalog:read")["execute-api:Invoke"] == [f"{api}GET/runtime/assets"]
    assert allowed("catalog:write:tags")["execute-api:Invoke"] == [f"{api}POST/runtime/assets:batch"]
    assert allowed("emit:a.b", "emit:c.d")["execute-api:Invoke"] == [f"{api}POST/runtime/events"]
    state = allowed("state")
    assert state["s3:PutObject"] == ["arn:aws:s3:::data/tenants/acme/installs/01J/state/*"]
    assert state["s3:ListBucket"] == ["arn:aws:s3:::data"]
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:interlock/acme/01J/*"
    assert allowed("secret:x")["secretsmanager:GetSecretValue"] == [secret]


def test_no_resource_is_open() -> None:
    own = ("01J", "abc/", ":data")
    for action, resources in allowed(*ALL).items():
        assert action == "sts:GetCallerIdentity" or all(any(word in row for word in own) for row in resources)


def test_a_dry_run_reads_only() -> None:
    actions = allowed(*ALL, dry=True)
    assert set(actions) == {
        "sts:GetCallerIdentity",
        "execute-api:Invoke",
        "s3:GetObject",
        "s3:ListBucket",
        "secretsmanager:GetSecretValue",
    }
    assert all("GET/" in row for row in actions["execute-api:Invoke"])


def test_it_fits_or_says_so() -> None:
    assert len(session_policy(DEPLOYMENT, "a" * 24, "0" * 26, ALL)) <= limits.SESSION_POLICY_CHARS
    with pytest.raises(Rejected) as caught:
        session_policy(DEPLOYMENT.model_copy(update={"api_id": "x" * 2048}), "acme", "01J", ALL)
    assert [finding.code for finding in caught.value.findings] == ["install.policy-size"]
