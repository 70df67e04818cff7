"""A small bundle that uses every kind of state, and what the compiler makes of it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan

MANIFEST = """
[app]
id = "acme/sample"
version = "1.0.0"
title = "Sample"
category = "automation"

[steps.load]
handler = "code:load"
memory_mb = 256
timeout_s = 30

[steps.save]
handler = "code:save"
memory_mb = 512
timeout_s = 60

[workflows.linear]
steps = ["load", "save"]

[workflows.full]
definition = "workflows/full.asl.json"

[workflows.jsonata]
definition = "workflows/jsonata.asl.json"
"""
FULL: dict[str, Any] = {
    "StartAt": "Load",
    "States": {
        "Load": {
            "Type": "Task",
            "Resource": "${load}",
            "Parameters": {"name.$": "$.name"},
            "ResultPath": "$.loaded",
            "Retry": [{"ErrorEquals": ["RetryableError"], "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Choose",
        },
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.loaded.many", "BooleanEquals": True, "Next": "Each"}],
            "Default": "Both",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.loaded.items",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Save",
                "States": {"Save": {"Type": "Task", "Resource": "${save}", "End": True}},
            },
            "Next": "Wait",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "One", "States": {"One": {"Type": "Task", "Resource": "${save}", "End": True}}},
                {"StartAt": "Two", "States": {"Two": {"Type": "Pass", "End": True}}},
            ],
            "Next": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "Sample", "Cause": "It could not be loaded"},
    },
}
JSONATA: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Load",
    "States": {
        "Load": {
            "Type": "Task",
            "Resource": "${load}",
            "Arguments": {"name": "{% $states.input.name %}"},
            "Output": "{% $states.result.items %}",
            "End": True,
        }
    },
}


def bundle_bytes() -> bytes:
    """The bundle's zip."""
    files = {
        "interlock.toml": MANIFEST,
        "workflows/full.asl.json": json.dumps(FULL),
        "workflows/jsonata.asl.json": json.dumps(JSONATA),
        "code.py": "from interlock import step\n\n@step\ndef load(x): ...\n\n@step\ndef save(x): ...\n",
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return data.getvalue()


def plan() -> VersionPlan:
    """What the compiler plans for it, read as the platform reads an upload."""
    read = read_archive(bundle_bytes())
    assert isinstance(read, Bundle), read
    planned = plan_version(read)
    assert isinstance(planned, VersionPlan), planned
    return planned
