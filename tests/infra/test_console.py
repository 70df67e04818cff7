"""The console's distribution: two behaviours on one origin, a private bucket, and a strict policy."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from infra.console import API_PATH, DOMAIN, SITE_PATH, own_domain
from interlock.contract.page import page_policy

STACK = "interlock-console"
Templates = dict[str, dict[str, Any]]


def _of(aws: Templates, kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in aws[STACK]["Resources"].values() if one["Type"] == kind]


def test_page_and_api_are_one_origin(aws: Templates) -> None:
    [distribution] = _of(aws, "AWS::CloudFront::Distribution")
    behaviors = {one["PathPattern"]: one for one in distribution["DistributionConfig"]["CacheBehaviors"]}
    assert set(behaviors) == {API_PATH, SITE_PATH}
    api = behaviors[API_PATH]
    # CACHING_DISABLED and ALL_VIEWER_EXCEPT_HOST_HEADER, as AWS numbers its managed policies.
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert {"GET", "POST", "PUT", "DELETE"} <= set(api["AllowedMethods"])
    assert api["ViewerProtocolPolicy"] == "https-only"


def test_bucket_is_read_by_the_distribution_alone(aws: Templates) -> None:
    [bucket] = _of(aws, "AWS::S3::Bucket")
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    [policy] = _of(aws, "AWS::S3::BucketPolicy")
    allowed = [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in allowed] == [{"Service": "cloudfront.amazonaws.com"}] * len(allowed)
    assert all("AWS:SourceArn" in json.dumps(one["Condition"]) for one in allowed)


def test_people_sign_in_by_code_without_a_secret(aws: Templates) -> None:
    [client] = _of(aws, "AWS::Cognito::UserPoolClient")
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False
    assert "callback" in json.dumps(client["CallbackURLs"])


def test_scripts_of_elsewhere_are_refused(aws: Templates) -> None:
    headers = json.dumps(_of(aws, "AWS::CloudFront::ResponseHeadersPolicy"))
    assert "script-src 'self';" in headers
    text = page_policy(images=["https://images.example"], connections=["https://pool.example"])
    parts = dict(part.split(" ", 1) for part in text.split("; "))
    assert parts["default-src"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["worker-src"] == "'self'"
    assert parts["connect-src"] == "'self' https://pool.example"
    assert "unsafe" not in text


def test_own_name_has_its_certificate(with_options: Templates) -> None:
    [distribution] = _of(with_options, "AWS::CloudFront::Distribution")
    certificate = distribution["DistributionConfig"]["ViewerCertificate"]
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert distribution["DistributionConfig"]["Aliases"] == ["console.example.com"]


def test_own_name_without_a_certificate_is_refused() -> None:
    node = cdk.App(context={DOMAIN: "console.example.com"}).node
    with pytest.raises(ValueError, match="needs its certificate"):
        own_domain(node)
