"""All stacks: synthesis, cfn-lint, cdk-nag, and that `cdk deploy` and self-serve are one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint import lint

from functions.telemetry import Metric
from infra.observability import ENDED, LETTERS
from infra.python_function import PATH_OF_A_RUN
from infra.suppressions import SUPPRESSIONS
from interlock.compiler.template import resources, version_template
from interlock.compiler.tenant_template import tenant_template
from interlock.contract.dead_letter import KEPT
from interlock.contract.trace import SERVICE
from tests.support.every_state_bundle import bundle_bytes, plan
from tests.support.stacks import synth

GOLDEN = Path(__file__).parent / "golden"
IGNORED = {"W3005"}
"""A DependsOn that a GetAtt implies already: the CDK writes it on every function."""
REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-southeast-2"]
NAMES = ["interlock-control", "interlock-events", "interlock-foundation"]
Templates = dict[str, dict[str, Any]]


def _lint(text: str, regions: list[str] = REGIONS) -> list[str]:
    """Errors and warnings; informational rules are about taste."""
    return [
        str(match) for match in lint(text, regions=regions) if match.rule.id not in IGNORED and match.rule.id[0] != "I"
    ]


def test_same_stacks_for_both_targets(aws: Templates, local: Templates) -> None:
    assert sorted(local) == NAMES
    assert sorted(aws) == sorted([*NAMES, "interlock-console", "interlock-observability"])


def test_no_custom_resources(aws: Templates, local: Templates) -> None:
    """No function runs at deploy time: what CloudFormation has, it has by itself."""
    kinds = {resource["Type"] for one in (aws, local) for t in one.values() for resource in t["Resources"].values()}
    assert not {kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::Custom"))}


def test_functions_outside_the_path_of_a_run_are_traced(aws: Templates) -> None:
    """The template turns tracing on for the functions whose handler is traced, and for no other."""
    active = {
        str(one["Properties"]["FunctionName"]).removeprefix("interlock-").replace("-", "_")
        for template in aws.values()
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function" and one["Properties"]["TracingConfig"]["Mode"] == "Active"
    }
    handlers = (Path(__file__).parents[2] / "functions").glob("*/handler.py")
    assert active == {path.parent.name for path in handlers if "@traced\n" in path.read_text()}
    assert not active & PATH_OF_A_RUN


def test_functions_that_send_to_their_own_queue_may(aws: Templates) -> None:
    """Lambda's detection of loops ends a chain of 16: it is off where a function feeds itself, and nowhere else."""
    loops: set[str] = set()
    for template in aws.values():
        rows: dict[str, Any] = template["Resources"]
        for source in (row["Properties"] for row in rows.values() if row["Type"] == "AWS::Lambda::EventSourceMapping"):
            function = rows[source["FunctionName"]["Ref"]]["Properties"]
            policies = rows[function["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"]
            text = json.dumps(source["EventSourceArn"])
            sends = any(
                "sqs:SendMessage" in statement["Action"] and text in json.dumps(statement["Resource"])
                for policy in policies
                for statement in policy["PolicyDocument"]["Statement"]
            )
            loops |= {function["FunctionName"]} if sends else set()
            assert (function.get("RecursiveLoop") == "Allow") is sends, function["FunctionName"]
    assert loops == {"interlock-start-run", "interlock-send-webhook", "interlock-send-alert"}


def test_every_dead_letter_queue_is_watched(aws: Templates) -> None:
    dead = {
        str(one["Properties"]["QueueName"])
        for template in aws.values()
        for one in template["Resources"].values()
        if one["Type"] == "AWS::SQS::Queue" and str(one["Properties"]["QueueName"]).endswith("-dead")
    }
    watch = aws["interlock-observability"]["Resources"].values()
    alarms = {str(one["Properties"]["AlarmName"]) for one in watch if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert {f"interlock: dead {name.removeprefix('interlock-')}" for name in dead} <= alarms
    filters = [one["Properties"] for one in watch if one["Type"] == "AWS::Logs::MetricFilter"]
    groups = {
        one["Properties"].get("LogGroupName")
        for template in aws.values()
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Logs::LogGroup"
    }
    letters = [row for row in filters if row["MetricTransformations"][0]["MetricName"] == LETTERS]
    assert {row["FilterPattern"] for row in letters} == {f'"{KEPT}"'}
    assert len(letters) == 3
    assert {row["LogGroupName"] for row in filters} <= groups


def test_the_gate_is_watched_for_its_own_faults(aws: Templates) -> None:
    """A step that fails is an error of the gate's function: that metric would ring for every app's mistake."""
    watch = aws["interlock-observability"]["Resources"].values()
    alarms = [one["Properties"] for one in watch if one["Type"] == "AWS::CloudWatch::Alarm"]
    (gate,) = (one for one in alarms if one["AlarmName"] == "interlock: gate faults")
    stats = [row["MetricStat"]["Metric"] for row in gate["Metrics"] if "MetricStat" in row]
    assert {row["MetricName"] for row in stats} == {Metric.GATE_FAULTS.value, ENDED}
    errors = [row for row in alarms if row.get("Namespace") == "AWS/Lambda" and row.get("MetricName") == "Errors"]
    functions = {str(dimension["Value"]) for row in errors for dimension in row["Dimensions"]}
    assert functions and not {name for name in functions if "gate" in name.lower() or "platform-step" in name}


def test_groups_of_traces_name_a_service_that_there_is(aws: Templates) -> None:
    watch = aws["interlock-observability"]["Resources"].values()
    groups = [one["Properties"]["FilterExpression"] for one in watch if one["Type"] == "AWS::XRay::Group"]
    assert len(groups) == 3 and all(f'service("{SERVICE}")' in expression for expression in groups)


def test_cfn_lint(aws: Templates, local: Templates) -> None:
    result = {name: _lint(json.dumps(template)) for name, template in aws.items()}
    # The engine is one region.
    result |= {f"local {name}": _lint(json.dumps(template), REGIONS[:1]) for name, template in local.items()}
    assert not any(result.values()), result


@pytest.mark.parametrize("text", [version_template(plan()), tenant_template()], ids=["version", "tenant"])
def test_cfn_lint_of_compiled_templates(text: str) -> None:
    assert _lint(text) == []


def test_nothing_retained_outlives_a_failed_creation(aws: Templates, local: Templates) -> None:
    """Its name would fail the next try: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html."""
    compiled = [json.loads(version_template(plan())), json.loads(tenant_template())]
    resources = [one for t in [*aws.values(), *local.values(), *compiled] for one in t["Resources"].values()]
    retained = [one for one in resources if one.get("DeletionPolicy", "Delete") != "Delete"]
    assert len(retained) >= 17
    assert {one["DeletionPolicy"] for one in retained} == {"RetainExceptOnCreate"}
    assert {one["UpdateReplacePolicy"] for one in retained} == {"Retain"}


def test_cdk_nag_is_clean(aws: Templates, capsys: pytest.CaptureFixture[str]) -> None:
    """The synth for AWS fails on a finding (`infra.suppressions.check`); here, the count of what is suppressed."""
    assert aws
    count = sum(len(findings) for findings in SUPPRESSIONS.values())
    with capsys.disabled():
        sys.stdout.write(f" [cdk-nag: {count} findings suppressed on {len(SUPPRESSIONS)} resources]")
    assert all(len(reason) > 30 for findings in SUPPRESSIONS.values() for reason in findings.values())


def test_one_template_for_cdk_deploy_and_self_serve(aws: Templates, tmp_path: Path) -> None:
    """`cdk deploy -c interlock:outputs=… -c interlock:bundle=…` (or `:tenant=…`) has the Resources of self-serve."""
    outputs = {name: {key: f"arn:{key}" for key in template.get("Outputs", {})} for name, template in aws.items()}
    (tmp_path / "outputs.json").write_text(json.dumps(outputs))
    (tmp_path / "bundle.zip").write_bytes(bundle_bytes())
    fields = {"outputs": str(tmp_path / "outputs.json")}
    version = synth("aws", tmp_path / "version", **fields, bundle=str(tmp_path / "bundle.zip"))
    (text,) = (json.dumps(template) for template in version.values())
    assert resources(text) == resources(version_template(plan()))
    assert json.loads(text)["Parameters"]["Gate"]["Default"] == "arn:GateArn"
    tenant = synth("aws", tmp_path / "tenant", **fields, tenant="acme")
    assert resources(json.dumps(tenant["interlock-t-acme"])) == resources(tenant_template())


@pytest.mark.parametrize("machine", plan().machines, ids=lambda machine: machine.workflow)
def test_golden_definitions(machine: Any) -> None:
    """A change of what the compiler writes is seen; INTERLOCK_GOLDEN=1 rewrites the files."""
    file = GOLDEN / f"{machine.workflow}.asl.json"
    text = json.dumps(json.loads(machine.definition), indent=2) + "\n"
    if os.environ.get("INTERLOCK_GOLDEN"):
        file.write_text(text)
    assert file.read_text() == text
