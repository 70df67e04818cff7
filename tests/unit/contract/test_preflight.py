"""The preflight of an app: how a manifest names it, and what its step answers."""

from __future__ import annotations

import pytest

from interlock.contract.core.base import Json
from interlock.contract.manifest import Manifest, parse
from interlock.contract.preflight import WORKFLOW, Check, checks_of
from tests.support.bundles import MANIFEST

NAMED = MANIFEST.replace("[app]\n", '[app]\npreflight = "classify"\n', 1)


def test_preflight_becomes_a_workflow_of_one_step() -> None:
    manifest = parse(NAMED)
    assert isinstance(manifest, Manifest), manifest
    section = manifest.workflows[WORKFLOW]
    assert (section.steps, section.title, section.triggers) == (("classify",), "Preflight", ())
    assert Manifest.model_validate(manifest.model_dump(by_alias=True)) == manifest
    without = parse(MANIFEST)
    assert isinstance(without, Manifest) and WORKFLOW not in without.workflows


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (NAMED + '\n[workflows.preflight]\nsteps = ["classify"]\n', "rename yours"),
        (MANIFEST + '\n[workflows.preflight]\nsteps = ["classify"]\n', "name its step there, or rename it"),
        (NAMED.replace('preflight = "classify"', "preflight = 3"), "preflight"),
        (NAMED.replace('preflight = "classify"', 'preflight = "No Step"'), "preflight"),
    ],
)
def test_bad_preflight_is_a_finding(text: str, what: str) -> None:
    findings = parse(text)
    assert isinstance(findings, tuple)
    assert any(what in f"{row.where} {row.what}" for row in findings)


def test_checks_are_read_strictly() -> None:
    rows: Json = [{"name": "reach", "ok": False, "fix": "Look"}, {"name": "sign in", "ok": True}]
    assert checks_of(rows) == (Check(name="reach", ok=False, fix="Look"), Check(name="sign in", ok=True))
    assert checks_of([]) == ()


@pytest.mark.parametrize("output", [None, "ok", {"name": "a", "ok": True}, [{"name": "a"}], [3]])
def test_other_output_is_no_list_of_checks(output: Json) -> None:
    with pytest.raises(ValueError, match="did not answer a list of interlock.Check"):
        checks_of(output)
