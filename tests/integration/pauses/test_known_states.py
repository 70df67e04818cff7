"""Breakpoints on states that do not exist are refused when they are armed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.core.failure import BadRequest
from interlock.contract.registry import Version, WorkflowPlan
from interlock.control.pauses.known_states import check_state
from tests.support.cloud import Cloud, listed

INNER: Any = {"StartAt": "Row", "States": {"Row": {"Type": "Task", "Resource": "${f}", "End": True}}}
DEFINITION: Any = {
    "StartAt": "Load",
    "States": {
        "Load": {"Type": "Task", "Resource": "${f}", "Next": "Each"},
        "Stop 1 (paused)": {"Type": "Task", "Resource": "${f}", "Next": "Load"},
        "Each": {"Type": "Map", "ItemProcessor": INNER, "End": True},
    },
}


@pytest.fixture
def version(cloud: Cloud) -> Version:
    """A version whose definition is in the bucket of artifacts."""
    plan = WorkflowPlan.model_validate({"name": "main", "machine": "m", "spill": {}})
    version = listed(cloud).model_copy(update={"workflows": {"main": plan}, "version": "1.0.7"})
    prefix = names.artifact_prefix(version.app, version.version, version.digest)
    body = json.dumps(DEFINITION).encode()
    client("s3").put_object(Bucket=cloud.bucket, Key=f"{prefix}workflows/main.asl.json", Body=body)
    return version


@pytest.mark.parametrize("state", ["Load", "Row", "Row[3]", "*", "Lo*"])
def test_state_of_a_task_is_accepted(cloud: Cloud, version: Version, state: str) -> None:
    check_state(state, cloud.bucket, version)


@pytest.mark.parametrize("state", ["load", "Each", "Stop 1 (paused)", "Rows*", "Other[1]"])
def test_state_without_a_task_is_refused(cloud: Cloud, version: Version, state: str) -> None:
    with pytest.raises(BadRequest) as caught:
        check_state(state, cloud.bucket, version, "main")
    assert caught.value.next_step == "Use one of: Load, Row."


def test_version_without_definitions_is_not_checked(cloud: Cloud, version: Version) -> None:
    check_state("Any", cloud.bucket, version.model_copy(update={"version": "9.9.9"}))
