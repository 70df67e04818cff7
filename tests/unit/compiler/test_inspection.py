"""The inspection of a bundle ends in time and memory, with a verdict on whatever was uploaded."""

import json
import time
from typing import Any

import pytest

from interlock.compiler.inspection import Inspection, inspect_bundle
from interlock.contract.core import limits
from tests.support.bundles import bundle

WORKFLOW = "workflows/tag.asl.json"
Files = dict[str, str | bytes | None]
TASK = {"Type": "Task", "Resource": "${classify}", "End": True}


def states(rows: dict[str, Any], **more: Any) -> Files:
    return {WORKFLOW: json.dumps({"StartAt": next(iter(rows)), "States": rows, **more}).encode()}


def chain(length: int) -> dict[str, Any]:
    rows: dict[str, Any] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(length)}
    return rows | {f"S{length}": TASK}


def expression(text: str) -> Files:
    return states({"A": {"Type": "Pass", "Output": text, "End": True}}, QueryLanguage="JSONata")


def manifest(text: str) -> Files:
    return {"interlock.toml": bundle().text("interlock.toml") + "\n" + text}


COSTLY: dict[str, tuple[Files, str]] = {
    "path of nested filters": (states({"A": {**TASK, "InputPath": "$" + "[?(@" * 22}}), "asl.expression"),
    "path of many filters": (states({"A": {**TASK, "InputPath": "$" + "[?(@.a)]" * 9_000}}), "asl.expression"),
    "long expression": (expression("{% " + "1+" * 200_000 + "1 %}"), "asl.expression"),
    "name that stands 5,000 times": (
        {WORKFLOW: b'{"StartAt":"A","States":{' + b",".join([b'"A":{"Type":"Succeed"}'] * 5_000) + b"}}"},
        "asl.json",
    ),
    "name in 5,000 branches": (
        states({"P": {"Type": "Parallel", "Branches": [{"StartAt": "A", "States": {"A": TASK}}] * 5_000, "End": True}}),
        "asl.name-twice",
    ),
    "code of 9 MB": ({"pii/big.py": b"x = 1\n" * 1_500_000}, "code.size"),
    "code of many files": ({f"pii/big{n}.py": b"x = 1\n" * 5_000 for n in range(60)}, "code.size"),
    "deep code": ({"pii/deep.py": b"x = " + b"-" * 9_000 + b"1"}, "code.syntax"),
    "deep schema": (
        {"config.schema.json": b'{"type":"object","x":' + b'{"not":' * 900 + b"{}" + b"}" * 901},
        "manifest.schema",
    ),
    "wide schema": (
        {
            "config.schema.json": json.dumps(
                {"type": "object", "properties": {f"a{n}": {} for n in range(90_000)}}
            ).encode()
        },
        "manifest.schema",
    ),
    "key of 10,000 parts": (manifest("a." * 10_000 + "b = 1"), "manifest.too-large"),
    "10,000 steps": (
        manifest("".join(f'[steps.s{n}]\nhandler = "p:f"\n' for n in range(10_000))),
        "manifest.too-large",
    ),
}


@pytest.mark.parametrize("name", COSTLY)
def test_costly_input_is_refused_in_time_by_its_name(name: str) -> None:
    files, code = COSTLY[name]
    begin = time.monotonic()
    findings = inspect_bundle(bundle(files))
    assert time.monotonic() - begin < limits.INSPECT_WALL_SECONDS
    assert isinstance(findings, tuple)
    assert code in {row.code for row in findings}
    assert len(findings) <= limits.KEPT_FINDINGS + 1
    assert max(len(row.what) for row in findings) <= limits.FINDING_CHARS + 1


@pytest.mark.parametrize(
    "files",
    [
        states(chain(4_000)),
        states({"A": {"Type": "Pass", "Result": {f"k{n}": 1 for n in range(60_000)}, "Next": "B"}, "B": TASK}),
        states({"A": {**TASK, "Catch": [{"ErrorEquals": [f"E{n}"], "Next": "B"} for n in range(6_000)]}, "B": TASK}),
        expression("{% $states.input.a %}") | {"pii/plain.py": b"def f():\n    return 1\n" * 10_000},
    ],
)
def test_a_large_bundle_that_is_right_is_planned(files: Files) -> None:
    assert isinstance(inspect_bundle(bundle(files)), Inspection)


def test_what_no_budget_foresees_is_too_costly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INSPECT_SECONDS", 0.2)
    findings = inspect_bundle(bundle(states(chain(9_000))))
    assert isinstance(findings, tuple)
    (finding,) = findings
    assert (finding.code, finding.where) == ("bundle.too-costly", "bundle")
    assert "more than 0.2 s" in finding.what
