"""All findings of a bundle come in one round: a wrong manifest does not hide what else is wrong."""

import time

import pytest

from interlock.compiler.plan import plan_version
from tests.support.bundles import MANIFEST, bundle

DANGLING = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${classify}", "Next": "B"}}}'
OTHERS = {"asl.dangling", "code.syntax"}
BROKEN = {"workflows/tag.asl.json": DANGLING, "pii/steps.py": "def f(:"}
MANIFESTS = {
    "no TOML": ("[app", "manifest.toml"),
    "not UTF-8": (b"\xff", "manifest.toml"),
    "an unknown field": (MANIFEST.replace("memory_mb", "memory"), "manifest.field"),
    "no app": (MANIFEST.replace("[app]", "[ap]"), "manifest.field"),
    "a wrong handler": (MANIFEST.replace("pii.steps:classify", "classify"), "manifest.field"),
    "wrong permissions": (MANIFEST.replace("[permissions]", "[permissions]\nx = 1"), "manifest.field"),
    "a wrong trigger": (MANIFEST.replace('"asset.created"', '"created"'), "manifest.field"),
    "an unknown step": (MANIFEST.replace('"write_tags", ', '"other", '), "manifest.unknown-step"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_wrong_manifest_does_not_hide_the_rest(name: str) -> None:
    text, code = MANIFESTS[name]
    findings = plan_version(bundle({"interlock.toml": text, **BROKEN}))
    assert isinstance(findings, tuple)
    assert {row.code for row in findings} == {code, *OTHERS}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_wrong_manifest_alone_has_no_other_findings(name: str) -> None:
    text, code = MANIFESTS[name]
    findings = plan_version(bundle({"interlock.toml": text}))
    assert isinstance(findings, tuple)
    assert {row.code for row in findings} == {code}


@pytest.mark.parametrize("text", ["[]", "a = 1", "steps = 3\nworkflows = []\ntests = [1]", "a = " + "[" * 10_000])
def test_a_hostile_manifest_is_findings_soon(text: str) -> None:
    began = time.process_time()
    assert isinstance(plan_version(bundle({"interlock.toml": text})), tuple)
    assert time.process_time() - began < 3
