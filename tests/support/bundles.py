"""Makes bundles for the tests of the compiler."""

import io
import json
import zipfile

from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan

MANIFEST = """
[app]
id = "acme/pii-tagger"
version = "1.4.0"
title = "PII tagger"
category = "compliance"

[permissions]
catalog = ["read", "write:tags"]
emit = ["pii.detected"]
egress = ["api.example.com:443"]
state = true

[config]
schema = "config.schema.json"

[steps.classify]
handler = "pii.steps:classify"

[steps.write_tags]
handler = "pii.steps:write_tags"
memory_mb = 512
timeout_s = 30

[workflows.tag]
definition = "workflows/tag.asl.json"

[[workflows.tag.triggers]]
event = "asset.created"

[[workflows.tag.triggers]]
tool = "tag_table"
input_schema = "config.schema.json"

[workflows.all]
steps = ["classify", "write_tags", "classify"]

[[tests]]
workflow = "tag"
input = "tests/in.json"
expect = "tests/out.json"
"""
CODE = """
from interlock import step
import interlock


@step
def classify(table, ctx):
    return table


@interlock.step(idempotent=True)
async def write_tags(table, ctx):
    return table
"""
TAG = {
    "StartAt": "Classify",
    "TimeoutSeconds": 900,
    "States": {"Classify": {"Type": "Task", "Resource": "${classify}", "End": True}},
}
FILES: dict[str, str] = {
    "interlock.toml": MANIFEST,
    "config.schema.json": json.dumps({"type": "object", "properties": {"a": {"type": "string"}}}),
    "pii/__init__.py": "",
    "pii/steps.py": CODE,
    "workflows/tag.asl.json": json.dumps(TAG),
    "tests/in.json": "{}",
    "tests/out.json": "{}",
}


def bundle(files: dict[str, str | bytes | None] | None = None, *, only: dict[str, bytes] | None = None) -> Bundle:
    """A good bundle with some files replaced, or taken out by None; or one of other files."""
    content: dict[str, str | bytes | None] = {**FILES, **(files or {})} if only is None else {**only}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in content.items():
            if text is not None:
                archive.writestr(zipfile.ZipInfo(name), text)
    read = read_archive(buffer.getvalue())
    assert isinstance(read, Bundle)
    return read


def plan(files: dict[str, str | bytes | None] | None = None) -> VersionPlan:
    """The plan of a bundle that must be good."""
    subject = plan_version(bundle(files))
    assert isinstance(subject, VersionPlan), subject
    return subject
