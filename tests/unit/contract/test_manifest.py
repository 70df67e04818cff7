"""The manifest: what it takes, what it refuses, and the scopes that it asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlock.contract.core.settings import Settings
from interlock.contract.manifest import MANIFEST_CHARS, EventTrigger, Manifest, ScheduleTrigger, ToolTrigger, parse
from tests.support.bundles import MANIFEST


def read(text: str) -> Manifest:
    manifest = parse(text)
    assert isinstance(manifest, Manifest), manifest
    return manifest


def test_a_manifest_is_read() -> None:
    manifest = read(MANIFEST)
    assert manifest.permissions.scopes() == (
        "catalog:read",
        "catalog:write:tags",
        "egress:api.example.com:443",
        "emit:pii.detected",
        "state",
    )
    assert [type(trigger) for trigger in manifest.workflows["tag"].triggers] == [EventTrigger, ToolTrigger]
    assert [trigger.name for trigger in manifest.workflows["tag"].triggers] == ["event:asset.created", "tool:tag_table"]
    assert manifest.steps["classify"].memory_mb == 256


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ('"acme/pii-tagger"', '"Acme/x"', "app.id"),
        ('"1.4.0"', '"1.4"', "app.version"),
        ('"1.4.0"', '"1.04.0"', "app.version"),
        ('"compliance"', '"game"', "app.category"),
        ('["read", "write:tags"]', '["delete"]', "permissions.catalog.0"),
        ('"api.example.com:443"', '"https://api.example.com"', "permissions.egress.0"),
        ("memory_mb = 512", "memory_mb = 64", "steps.write_tags.memory_mb"),
        ("timeout_s = 30", "timeout_s = 841", "steps.write_tags.timeout_s"),
        ('"pii.steps:classify"', '"pii.steps.classify"', "steps.classify.handler"),
        ("[steps.classify]", "[steps.Classify]", "steps.Classify.[key]"),
        ('definition = "workflows/tag.asl.json"', "", "workflows.tag"),
        ("[workflows.all]", '[workflows.all]\ndefinition = "x"', "workflows.all"),
        ('event = "asset.created"', 'event = "created"', "workflows.tag.triggers.0.event"),
    ],
)
def test_a_wrong_manifest_names_the_field(before: str, after: str, field: str) -> None:
    assert before in MANIFEST
    findings = parse(MANIFEST.replace(before, after))
    assert isinstance(findings, tuple)
    places = [finding.where.partition("#") for finding in findings]
    assert field in [place for _, _, place in places]
    assert all(file.partition(":")[2].isdecimal() for file, _, _ in places)
    assert {finding.code for finding in findings} == {"manifest.field"}


@pytest.mark.parametrize("schedule", ["rate(1 day)", "rate(5 minutes)", "cron(0 3 * * ? *)"])
def test_schedules(schedule: str) -> None:
    text = MANIFEST + f'[[workflows.all.triggers]]\nschedule = "{schedule}"\n'
    assert isinstance(read(text).workflows["all"].triggers[0], ScheduleTrigger)


@pytest.mark.parametrize(
    ("trigger", "field", "fields"),
    [
        ('schedule = "cron(61 * * * ? *)"', ".schedule", "minutes: 61 is not in 0-59"),
        ('schedule = "at(2027-02-30T00:00:00)"', ".schedule", "day is out of range for month"),
        ('schedule = "rate(1 day)"\ntimezone = "Mars"', ".timezone", "'Mars' is not a time zone"),
        ('tool = "t"', ".input_schema", "input_schema is missing"),
        ("where = {}", "", "one of the fields event, schedule and tool"),
    ],
)
def test_a_trigger_is_told_its_own_mistake_alone(trigger: str, field: str, fields: str) -> None:
    findings = parse(MANIFEST + f"[[workflows.all.triggers]]\n{trigger}\n")
    assert isinstance(findings, tuple)
    assert [finding.where.partition("#")[2] for finding in findings] == [f"workflows.all.triggers.0{field}"]
    assert fields in findings[0].what and not findings[0].what.startswith("Value error")


@given(st.text())
def test_any_text_is_a_manifest_or_findings(text: str) -> None:
    assert parse(text)


@pytest.mark.parametrize("model", Settings.__subclasses__(), ids=lambda model: model.__name__)
def test_settings_read_what_they_write(model: type[Settings]) -> None:
    values: dict[object, str] = {bool: "True", float: "0.5"}
    fields = {
        f"INTERLOCK_{name.upper()}": values.get(field.annotation, f"value of {name}")
        for name, field in model.model_fields.items()
    }
    assert model.read(fields).environment() == fields


def test_a_manifest_that_is_too_large_is_refused_unread() -> None:
    findings = parse("a." * MANIFEST_CHARS + "a = 1\n")
    assert not isinstance(findings, Manifest)
    assert [row.code for row in findings] == ["manifest.too-large"]
