"""From a bundle to its plan and template: what rejects it, and the same bytes each time."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from interlock.compiler import gate, template
from interlock.compiler.order import order_fault
from interlock.compiler.plan import plan_version
from interlock.compiler.tenant_template import tenant_template
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core.finding import Severity
from tests.support.bundles import MANIFEST, TAG, bundle, plan

ROOT = Path(__file__).resolve().parents[3]


def edited(before: str, after: str) -> str:
    assert before in MANIFEST
    return MANIFEST.replace(before, after)


BAD: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "no manifest": ({"interlock.toml": None}, "manifest.missing"),
    "no TOML": ({"interlock.toml": "[app"}, "manifest.toml"),
    "not UTF-8": ({"interlock.toml": b"\xff\xfe"}, "manifest.toml"),
    "a reference": ({"interlock.toml": edited("PII tagger", "{{resolve:ssm:p}}")}, "manifest.resolve"),
    "an id without publisher": ({"interlock.toml": edited("acme/", "")}, "manifest.field"),
    "an unknown field": ({"interlock.toml": edited("memory_mb", "memory")}, "manifest.field"),
    "no schema": ({"config.schema.json": None}, "manifest.schema"),
    "no JSON Schema": ({"config.schema.json": '{"type": "object", "properties": 3}'}, "manifest.schema"),
    "a schema of a list": ({"config.schema.json": '{"type": "array"}'}, "manifest.schema"),
    "a schema elsewhere": ({"config.schema.json": '{"type": "object", "$ref": "http://x"}'}, "manifest.schema"),
    "no test input": ({"tests/in.json": None}, "manifest.test"),
    "a test of nothing": ({"interlock.toml": edited('workflow = "tag"', 'workflow = "tig"')}, "manifest.test"),
    "no assets": ({"interlock.toml": MANIFEST + 'assets = "tests/none.json"\n'}, "manifest.test"),
    "assets without a name": (
        {"interlock.toml": MANIFEST + 'assets = "a.json"\n', "a.json": '[{"type": "table"}]'},
        "manifest.test",
    ),
    "state that is a list": (
        {"interlock.toml": MANIFEST + 'state = "a.json"\n', "a.json": "[1]"},
        "manifest.test",
    ),
    "a key of state that is none": (
        {"interlock.toml": MANIFEST + 'state = "a.json"\n', "a.json": '{"../x": 1}'},
        "manifest.test",
    ),
    "an HTTP answer without a URL": (
        {"interlock.toml": MANIFEST + 'http = "a.json"\n', "a.json": '[{"status": 200}]'},
        "manifest.test",
    ),
    "HTTP answers that are too long": (
        {"interlock.toml": MANIFEST + 'http = "a.json"\n', "a.json": "[" + " " * 70_000 + "]"},
        "manifest.test",
    ),
    "an approval of no state": ({"interlock.toml": MANIFEST + 'approvals = { Nope = "approve" }\n'}, "manifest.test"),
    "a decision that is none": ({"interlock.toml": MANIFEST + 'approvals = { A = "maybe" }\n'}, "manifest.field"),
    "an undeclared step": (
        {"interlock.toml": edited('", "write_tags", "', '", "other", "')},
        "manifest.unknown-step",
    ),
    "a tool twice": (
        {
            "interlock.toml": MANIFEST
            + '[[workflows.all.triggers]]\ntool = "tag_table"\ninput_schema = "config.schema.json"\n'
        },
        "manifest.tool-twice",
    ),
    "no definition": ({"workflows/tag.asl.json": None}, "manifest.no-definition"),
    "a definition that is not UTF-8": ({"workflows/tag.asl.json": b"\xff"}, "asl.json"),
    "a dangling state": (
        {"workflows/tag.asl.json": '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}'},
        "asl.dangling",
    ),
    "syntax": ({"pii/steps.py": "def f(:"}, "code.syntax"),
    "a null byte": ({"pii/steps.py": b"a = 1\x00"}, "code.syntax"),
    "deep code": ({"pii/other.py": "(" * 5000 + ")" * 5000}, "code.syntax"),
    "no module": ({"pii/steps.py": None}, "code.no-module"),
    "no handler": ({"interlock.toml": edited("pii.steps:classify", "pii.steps:clasify")}, "code.no-handler"),
    "not a step": ({"pii/steps.py": "def classify(): ...\ndef write_tags(): ..."}, "code.not-a-step"),
    "its own SDK": ({"vendor/interlock/__init__.py": ""}, "code.vendored-sdk"),
    "a target that is none": ({".interlock/target.json": '{"python": 3}'}, "manifest.target"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_bundle_is_findings(name: str) -> None:
    files, code = BAD[name]
    findings = plan_version(bundle(files))
    assert isinstance(findings, tuple), "it was taken"
    assert {finding.code for finding in findings if finding.severity is Severity.ERROR} == {code}
    assert all(finding.where and finding.what and finding.fix for finding in findings)


def test_warnings_stay_with_the_plan() -> None:
    text = edited('"asset.created"', '"asset.created"\nwhere = { id = ["x"] }').replace("api.example.com:443", "*:443")
    assert {finding.code for finding in plan({"interlock.toml": text}).findings} == {
        "manifest.where",
        "manifest.egress",
    }


def test_the_plan_of_a_version() -> None:
    subject = plan({".interlock/target.json": '{"python": "3.13", "architecture": "arm64"}'})
    assert [(row.memory_mb, row.timeout_s) for row in subject.functions] == [(256, 60), (512, 30)]
    assert subject.steps["write_tags"].function == subject.functions[1].name
    assert (subject.workflows["tag"].deadline_s, subject.workflows["tag"].states) == (900, 1)
    assert subject.workflows["all"].states == 3
    assert subject.tool_schemas["tag_table"]["type"] == "object"
    assert subject.target is not None and subject.target.architecture == "arm64"
    assert all(len(row.name) <= 64 for row in subject.functions)
    assert all(len(row.name) <= 80 for row in subject.machines)


def test_one_step_twice_in_a_line_has_two_states() -> None:
    assert gate.linear(("a", "b", "a")) == {
        "StartAt": "a",
        "States": {
            "a": {"Type": "Task", "Resource": "${a}", "Next": "b"},
            "b": {"Type": "Task", "Resource": "${b}", "Next": "a_3"},
            "a_3": {"Type": "Task", "Resource": "${a}", "End": True},
        },
    }


def compiled() -> str:
    subject = plan()
    parts = [template.version_template(subject), tenant_template(), *(row.definition for row in subject.machines)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def test_the_same_bundle_gives_the_same_bytes_in_every_process() -> None:
    program = "from tests.unit.compiler.test_plan import compiled; print(compiled())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {compiled()}


def test_the_template_of_a_version() -> None:
    subject = plan()
    document: dict[str, Any] = json.loads(template.version_template(subject))
    resources = document["Resources"]
    functions = [row["Properties"] for row in resources.values() if row["Type"] == "AWS::Lambda::Function"]
    assert {row["TenancyConfig"]["TenantIsolationMode"] for row in functions} == {"PER_TENANT"}
    machines = [row["Properties"] for row in resources.values() if row["Type"] == "AWS::StepFunctions::StateMachine"]
    assert {row["RoleArn"]["Ref"] for row in machines} == {"MachineRole"}
    roles = [row["Properties"] for row in resources.values() if row["Type"] == "AWS::IAM::Role"]
    assert [row["PermissionsBoundary"] for row in roles] == [{"Ref": "StepBoundary"}]
    values = dict.fromkeys(template.PARAMETERS, "x")
    value = template.stack_parameters(subject, values, {"tag": ("tag.json", "v1"), "all": ("all.json", "v2")})
    assert set(value) == set(document["Parameters"])
    assert "{{resolve:" not in json.dumps(document)


def test_fifty_states_compile_in_50_ms() -> None:
    task: dict[str, Any] = {"Type": "Task", "Resource": "${classify}"}
    states = {f"S{n}": task | {"Next": f"S{n + 1}"} for n in range(49)} | {"S49": task | {"End": True}}
    read = bundle({"workflows/tag.asl.json": json.dumps(TAG | {"StartAt": "S0", "States": states})})
    times: list[float] = []
    for _ in range(5):
        began = time.process_time()
        subject = plan_version(read)
        assert isinstance(subject, VersionPlan)
        template.version_template(subject)
        times.append(time.process_time() - began)
    assert sorted(times)[2] < 0.05, times


@pytest.mark.parametrize(
    ("event", "path", "said"),
    [
        ("asset.created", "asset.qualified_name", ""),
        ("asset.created", "asset.attributes.rows", ""),
        ("asset.created", "asset.id", "has no field 'id'"),
        ("asset.created", "asset", "is an object"),
        ("run.failed", "app", ""),
        ("run.failed", "app.name", "app has no fields"),
        ("pii.detected", "data.table.name", ""),
        ("pii.detected", "table", "the detail of pii.detected has no field 'table'"),
    ],
)
def test_order_by_names_a_field_that_the_event_can_have(event: str, path: str, said: str) -> None:
    fault = order_fault(event, path)
    assert said in fault
    assert bool(said) == bool(fault)
