"""What only the deployment knows of an app is said before it is published, in the words of publishing."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from botocore.stub import Stubber
from pydantic import ValidationError

from interlock.aws.clients import client
from interlock.aws.services import artifacts
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Failure
from interlock.contract.version_check import CompiledWorkflow, Library, VersionCheck
from interlock.control.access.audit import is_audited
from interlock.control.publishing.check import CheckContext, check
from tests.support.cloud import Cloud

ARN = "arn:aws-cn:lambda:cn-north-1:123456789012:function:interlock-"
ADVISORY = {
    "id": "GHSA-x",
    "database_specific": {"severity": "HIGH"},
    "affected": [{"package": {"ecosystem": "PyPI", "name": "old"}, "versions": ["1.0"]}],
}


@pytest.fixture
def context(cloud: Cloud) -> CheckContext:
    return CheckContext(cloud.bucket, f"{ARN}gate", f"{ARN}pause", network=True)


@pytest.fixture
def machines(context: CheckContext) -> Generator[Stubber, None, None]:
    with Stubber(client("stepfunctions")) as stub:
        yield stub


def workflow(definition: dict[str, Any]) -> VersionCheck:
    return VersionCheck(workflows=(CompiledWorkflow(definition=definition, file="workflows/all.asl.json"),))


def answer(stub: Stubber, location: str, definition: str) -> None:
    row = {"severity": "ERROR", "code": "BAD", "message": "no", "location": location}
    wanted = {"definition": definition, "type": "STANDARD", "severity": "WARNING"}
    stub.add_response("validate_state_machine_definition", {"result": "FAIL", "diagnostics": [row]}, wanted)


def test_aws_is_asked_with_the_arns_of_the_deployment(machines: Stubber, context: CheckContext) -> None:
    states = {"S": {"Resource": "${Gate}", "Stop": "${Pause}", "In": "arn:${Partition}:states", "Ü": 1}}
    filled = json.dumps({"States": states}, ensure_ascii=False, separators=(",", ":"))
    for placeholder, value in (("${Gate}", f"{ARN}gate"), ("${Pause}", f"{ARN}pause"), ("${Partition}", "aws-cn")):
        filled = filled.replace(placeholder, value)
    answer(machines, "/States/S/Resource", filled)
    (finding,) = check(workflow({"States": states}), context)
    assert (finding.code, finding.where) == ("asl.aws-refused", "workflows/all.asl.json#S/Resource")


@pytest.mark.parametrize("states", [5, ["S"], None, {"S": 5}, {"S": {"States": "x"}}], ids=str)
def test_a_definition_of_any_shape_has_its_findings(machines: Stubber, context: CheckContext, states: object) -> None:
    definition = {"States": states}
    answer(machines, "/States/S/Branches/0/States/T/Next", json.dumps(definition, separators=(",", ":")))
    assert [row.code for row in check(workflow(definition), context)] == ["asl.aws-refused"]


def test_libraries_are_compared_with_the_advisories(cloud: Cloud, context: CheckContext) -> None:
    artifacts.write_json(cloud.bucket, names.ADVISORIES, [ADVISORY])
    part = VersionCheck(libraries=(Library(name="Old", version="1.0"), Library(name="old", version="1.1")))
    (finding,) = check(part, context)
    assert finding.code == "code.vulnerable" and "GHSA-x" in finding.what


def test_damaged_advisories_stop_a_check_of_libraries_alone(cloud: Cloud, context: CheckContext) -> None:
    artifacts.write(cloud.bucket, names.ADVISORIES, b"{}", "application/json")
    assert [row.code for row in check(VersionCheck(egress=("*:443",)), context)] == ["publish.network"]
    with pytest.raises(Failure, match="not a JSON list of OSV entries"):
        list(check(VersionCheck(libraries=(Library(name="old", version="1.0"),)), context))


@pytest.mark.parametrize(
    "part",
    [
        {"workflows": [{"definition": {"StartAt": "S"}, "file": "w"}] * (limits.CHECK_WORKFLOWS + 1)},
        {"workflows": [{"definition": {"StartAt": "S"}, "file": "w" * (limits.CHECK_PLACE_CHARS + 1)}]},
        {"libraries": [{"name": "a", "version": "1"}] * (limits.CHECK_LIBRARIES + 1)},
        {"libraries": [{"name": "a" * (limits.CHECK_LIBRARY_CHARS + 1), "version": "1"}]},
        {"egress": ["a.example:443"] * (limits.CHECK_EGRESS + 1)},
        {"egress": ["https://a.example"]},
    ],
    ids=["workflows", "file", "libraries", "name", "hosts", "host"],
)
def test_a_part_that_is_too_large_or_wrong_is_refused(part: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VersionCheck.model_validate(part)


def test_a_check_changes_nothing_and_is_no_change_in_the_log() -> None:
    assert not is_audited("POST", "checkVersions")
    assert is_audited("POST", "publish")
