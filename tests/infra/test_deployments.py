"""A second deploy, a second deployment in the account, another region, another partition: what must hold without AWS.

A deployment is an account and a region (ADR 0025).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.compiler.template import version_template
from interlock.compiler.tenant_template import tenant_template
from tests.support.every_state_bundle import plan
from tests.support.iam import World
from tests.support.stacks import ROOT, synth

Templates = dict[str, dict[str, Any]]
STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::Cognito::UserPool",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
}
REPLACED = {"AWS::Lambda::LayerVersion"}
"""A change of content makes another one: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html."""
OVER_REGIONS = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Cognito::UserPoolDomain": "Domain",
}
"""Types whose names are shared over the regions of an account, or over all accounts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html
"""
SDK = ROOT / "interlock" / "sdk" / "__init__.py"
LITERAL = re.compile(
    r"arn:aws[a-z-]*:|\b[a-z]{2}(?:-gov)?-(?:east|west|central|south|north)[a-z]*-\d\b|amazonaws\.com/"
)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The templates after one byte more in the SDK, in a copy of the sources."""
    folder = tmp_path_factory.mktemp("changed")
    return synth("aws", folder / "out", source=_copy(folder / "source"))


def _copy(folder: Path) -> str:
    """The repository as links, with one file of the SDK a byte longer."""
    for path in ROOT.iterdir():
        if path.name not in ("interlock", "build"):
            _link(folder / path.name, path)
    for path in (ROOT / "interlock").rglob("*"):
        if path.is_file() and path.suffix != ".pyc" and path != SDK:
            _link(folder / path.relative_to(ROOT), path)
    copy = folder / SDK.relative_to(ROOT)
    copy.write_text(SDK.read_text() + "\n")
    return str(folder)


def _link(target: Path, source: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source)


def _resources(templates: Templates) -> dict[tuple[str, str], dict[str, Any]]:
    return {(name, key): one for name, template in templates.items() for key, one in template["Resources"].items()}


def _exports(templates: Templates) -> dict[str, Any]:
    outputs = [one for template in templates.values() for one in template.get("Outputs", {}).values()]
    return {json.dumps(one["Export"]["Name"]): one["Value"] for one in outputs if "Export" in one}


def test_change_of_the_sdk_changes_no_export_in_use(aws: Templates, changed: Templates) -> None:
    """Else CloudFormation refuses the deploy: an export can't change or go while another stack imports it."""
    assert _exports(changed) == _exports(aws)
    types = {key: one["Type"] for (_, key), one in _resources(aws).items()}
    for value in _exports(aws).values():
        (target,) = [value["Ref"]] if "Ref" in value else [value["Fn::GetAtt"][0]]
        assert types[target] not in REPLACED, target


def test_change_of_the_sdk_replaces_layers_alone(aws: Templates, changed: Templates) -> None:
    before, after = _resources(aws), _resources(changed)
    assert set(before) == set(after), "no logical id changes"
    different = {key: before[key]["Type"] for key in before if before[key] != after[key]}
    assert [key for key, kind in different.items() if kind in REPLACED and key[1].startswith("SdkLayer")]
    # The platform's code holds the SDK too: its functions are updated in place.
    assert set(different.values()) == {*REPLACED, "AWS::Lambda::Function"}
    for key, kind in different.items():
        if kind == "AWS::Lambda::Function":
            names = [one[key]["Properties"]["FunctionName"] for one in (before, after)]
            assert names[0] == names[1]


def test_change_of_the_sdk_leaves_what_holds_state(aws: Templates, changed: Templates) -> None:
    stateful = {key: one for key, one in _resources(aws).items() if one["Type"] in STATEFUL}
    assert len(stateful) >= 20
    assert {key: one for key, one in _resources(changed).items() if one["Type"] in STATEFUL} == stateful


def test_names_over_regions_carry_the_deployment(aws: Templates) -> None:
    compiled = {"version": json.loads(version_template(plan())), "tenant": json.loads(tenant_template())}
    names = list(_names({**aws, **compiled}))
    assert len(names) >= 39
    for kind, name in names:
        assert '"AWS::Region"' in name or "${AWS::Region}" in name, (kind, name)
        if kind != "AWS::IAM::Role" and kind != "AWS::IAM::ManagedPolicy":
            assert '"AWS::AccountId"' in name, (kind, name)


def _names(templates: Templates) -> Iterator[tuple[str, str]]:
    for one in _resources(templates).values():
        prop = OVER_REGIONS.get(one["Type"], "")
        if prop in one.get("Properties", {}):
            yield one["Type"], json.dumps(one["Properties"][prop])


@pytest.mark.parametrize(
    ("place", "partition"),
    [(("123456789012", "eu-west-1"), "aws"), (("210987654321", "us-gov-west-1"), "aws-us-gov")],
)
def test_two_deployments_share_no_name(
    aws: Templates, monkeypatch: pytest.MonkeyPatch, place: tuple[str, str], partition: str
) -> None:
    """All names of one deployment against those of another: another region, or another account and partition."""
    first = set(_texts(aws))
    values = {"AWS::AccountId": place[0], "AWS::Region": place[1], "AWS::Partition": partition}
    for key, value in values.items():
        monkeypatch.setitem(World.pseudo, key, value)
    second = set(_texts(aws))
    assert len(first) == len(second) >= 39
    assert first & second == set()


def _texts(templates: Templates) -> Iterator[tuple[str, str]]:
    world = World(*templates.values())
    for one in _resources(templates).values():
        prop = OVER_REGIONS.get(one["Type"], "")
        if prop in one.get("Properties", {}):
            yield one["Type"], world.text(one["Properties"][prop])


def test_no_template_names_a_partition_or_region(aws: Templates) -> None:
    texts = {name: json.dumps(template) for name, template in aws.items()}
    texts |= {"version": version_template(plan()), "tenant": tenant_template()}
    texts |= {f"definition {machine.workflow}": machine.definition for machine in plan().machines}
    for name, text in texts.items():
        assert LITERAL.findall(text) == [], name


@pytest.mark.parametrize("folder", ["infra", "interlock/aws", "interlock/control", "interlock/compiler", "functions"])
def test_no_source_writes_a_partition_or_region(folder: str) -> None:
    """Of what runs on AWS; docstrings and patterns that accept every partition are not names of one."""
    literal = re.compile(r'"arn:aws:[^"\n]*"|"[^"\n]*\.amazonaws\.com/')
    local = {"infra/app.py"}
    for path in (ROOT / folder).rglob("*.py"):
        if str(path.relative_to(ROOT)) not in local:
            assert literal.findall(path.read_text()) == [], path


def test_literal_partition_and_region_are_seen() -> None:
    for text in ("arn:aws:s3:::x", "arn:aws-us-gov:s3:::x", "us-east-1", "us-gov-west-1", "https://s3.amazonaws.com/x"):
        assert LITERAL.search(text)
    for text in ("arn:${AWS::Partition}:s3:::x", "lambda.amazonaws.com", "east-side"):
        assert not LITERAL.search(text)
