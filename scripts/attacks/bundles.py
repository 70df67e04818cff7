"""Code, manifests and workflows that burn time or memory, reach what is not theirs, or pretend to be others."""

import json
from collections.abc import Iterator
from typing import Any

from interlock.compiler.archive import Bundle
from interlock.compiler.inspection import Inspection, inspect_bundle
from scripts.attacks.case import Case

MANIFEST = """
[app]
id = "acme/app"
version = "1.0.0"
title = "An app"
category = "automation"

[steps.one]
handler = "app.steps:one"

[workflows.main]
definition = "main.asl.json"
"""
STEPS = b"from interlock import step\n\n\n@step\ndef one(value: dict) -> dict:\n    return value\n"
TASK = {"Type": "Task", "Resource": "${one}", "End": True}
Files = dict[str, bytes]


def cases() -> Iterator[Case]:
    """Every attack by the content of a bundle."""
    for category, rows in (("code", _CODE), ("manifest", _MANIFESTS), ("workflows", _WORKFLOWS)):
        for name, (wanted, files) in rows.items():
            yield Case(category, name, wanted, lambda files=files: verdict(files))


def verdict(files: Files) -> str:
    """What the inspection says: the codes of its findings, or that it planned the bundle."""
    whole = {
        "interlock.toml": MANIFEST.encode(),
        "app/__init__.py": b"",
        "app/steps.py": STEPS,
        **_asl({"A": TASK}),
    } | files
    result = inspect_bundle(Bundle(files=whole, digest="0" * 64, size=1))
    if isinstance(result, Inspection):
        return "planned"
    return "refused " + " ".join(dict.fromkeys(row.code for row in result if row.severity == "error"))


def _asl(states: dict[str, Any], **fields: Any) -> Files:
    return {"main.asl.json": json.dumps({"StartAt": next(iter(states)), "States": states, **fields}).encode()}


def _task(**fields: Any) -> Files:
    return _asl({"A": {**TASK, **fields}})


def _pass(output: Any) -> Files:
    return _asl({"A": {"Type": "Pass", "Output": output, "Next": "B"}, "B": TASK}, QueryLanguage="JSONata")


def _toml(text: str) -> Files:
    return {"interlock.toml": f"{MANIFEST}\n{text}\n".encode()}


def _raw(text: bytes) -> Files:
    return {"main.asl.json": text}


def _chain(length: int) -> Files:
    rows: dict[str, Any] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(length)}
    return _asl(rows | {f"S{length}": TASK})


def _elf(machine: int) -> bytes:
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(64)


_CODE: dict[str, tuple[str, Files]] = {
    "9 MB of code": ("refused code.size", {"app/big.py": b"x = 1\n" * 1_500_000}),
    "5 MB on one line": ("refused code.size", {"app/big.py": b"x = [" + b"1," * 2_500_000 + b"]"}),
    "many files of code": ("refused code.size", {f"app/f{n}.py": b"x = 1\n" * 5_000 for n in range(300)}),
    "nine thousand signs": ("refused code.syntax", {"app/deep.py": b"x = " + b"-" * 9_000 + b"1"}),
    "nine thousand brackets": ("refused code.syntax", {"app/deep.py": b"x = " + b"[" * 9_000}),
    "fifty thousand attributes": ("refused code.syntax", {"app/deep.py": b"x = a" + b".b" * 50_000}),
    "nested functions": (
        "refused code.syntax",
        {"app/deep.py": b"".join(b" " * n + b"def f():\n" for n in range(200))},
    ),
    "a null in the code": ("refused code.syntax", {"app/odd.py": b"x = 1\0"}),
    "another encoding": ("refused code.syntax", {"app/odd.py": b"# coding: no-such\nx = 1"}),
    "code that would run on import": (
        "planned",
        {"app/x.py": b"import os\nos.system('touch /tmp/interlock-was-here')"},
    ),
    "its own SDK": ("refused code.vendored-sdk", {"vendor/interlock/__init__.py": b""}),
    "its own json": ("refused code.shadow", {"json.py": b""}),
    "its own types, vendored": ("refused code.shadow", {"vendor/types.py": b""}),
    "its own pydantic": ("refused code.shadow", {"pydantic/__init__.py": b""}),
    "sitecustomize": ("refused code.startup", {"sitecustomize.py": b""}),
    "usercustomize, vendored": ("refused code.startup", {"vendor/usercustomize.py": b""}),
    "a .pth file": ("refused code.startup", {"vendor/x.pth": b"import os; os.system('x')"}),
    "native code without a target": ("refused code.native", {"vendor/a/b.so": _elf(62)}),
    "native code of Windows": ("refused code.native", {"vendor/a/b.pyd": b"MZ"}),
    "native code that is none": ("refused code.native", {"vendor/a/b.so": b"#!/bin/sh\n"}),
    "a private key": ("refused code.secret", {"app/id": b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 80}),
    "an access key": ("refused code.secret", {"app/a.txt": b"AKIA" + b"Q" * 16}),
    "a token of GitHub": ("refused code.secret", {"app/a.txt": b"ghp_" + b"a1" * 18}),
    "a lock without hashes": ("refused code.unhashed", {"requirements.lock": b"a==1\n"}),
    "five thousand distributions": (
        "planned",
        {f"vendor/p{n}.dist-info/METADATA": b"Name: a\nVersion: 1\n" + b"X: y\n" * 50 for n in range(5_000)},
    ),
}
_MANIFESTS: dict[str, tuple[str, Files]] = {
    "no manifest of text": ("refused manifest.toml", {"interlock.toml": b"\xff\xfe"}),
    "a name of 10,000 parts": ("refused manifest.too-large", _toml("a." * 10_000 + "b = 1")),
    "a table of 4,000 parts": ("refused manifest.too-large", _toml("[" + "a." * 4_000 + "b]")),
    "quoted parts": ("refused manifest.too-large", _toml('"a" . ' * 40 + "b = 1")),
    "ten thousand steps": (
        "refused manifest.too-large",
        _toml("".join(f'[steps.s{n}]\nhandler = "p:f"\n' for n in range(10_000))),
    ),
    "lists in lists": ("refused manifest.toml", _toml("z = " + "[" * 5_000 + "]" * 5_000)),
    "tables in tables": ("refused manifest.", _toml("z = " + "{a=" * 2_000 + "1" + "}" * 2_000)),
    "a reference of CloudFormation": ("refused manifest.resolve", _toml("# {{resolve:secretsmanager:x}}")),
    "a handler that is an expression": ("refused manifest.", _toml('[steps.two]\nhandler = "os:system(1)"')),
    "a handler outside": ("refused manifest.", _toml('[steps.two]\nhandler = "../x:f"')),
    "a handler of Python": ("refused code.no-module", _toml('[steps.two]\nhandler = "os:system"')),
    "a definition outside": ("refused manifest.", _toml('[workflows.two]\ndefinition = "../../etc/passwd"')),
    "a step named as ours": ("refused manifest.", _toml('[steps."platform.emit"]\nhandler = "app.steps:one"')),
    "memory without end": ("refused manifest.", _toml('[steps.two]\nhandler = "app.steps:one"\nmemory_mb = 999999')),
    "time without end": ("refused manifest.", _toml('[steps.two]\nhandler = "app.steps:one"\ntimeout_s = 99999')),
    "a name with an escape": ("refused manifest.", _toml('[steps."a\\u001b[31m"]\nhandler = "app.steps:one"')),
    "a publisher of another name": (
        "refused manifest.",
        {"interlock.toml": MANIFEST.replace("acme/app", "acme/../other").encode()},
    ),
    "a version that is a path": ("refused manifest.", {"interlock.toml": MANIFEST.replace("1.0.0", "../1").encode()}),
    "a number beyond floats": ("refused manifest.", _toml("z = 1e99999")),
    "a date that is none": ("refused manifest.toml", _toml("z = 2026-99-99")),
}
_SCHEMA = '[config]\nschema = "c.json"'
_WORKFLOWS: dict[str, tuple[str, Files]] = {
    "a path of nested filters": ("refused asl.expression", _task(InputPath="$" + "[?(@" * 22)),
    "a path of brackets": ("refused asl.expression", _task(InputPath="$[?(" + "(" * 80)),
    "a path of filters": ("refused asl.expression", _task(InputPath="$" + "[?(@.a)]" * 9_000)),
    "functions in functions": (
        "refused asl.expression",
        _task(Parameters={"a.$": "States.Array(" * 60 + "1" + ")" * 60}),
    ),
    "an expression of 400 kB": ("refused asl.expression", _pass("{% " + "1+" * 200_000 + "1 %}")),
    "an expression of brackets": ("refused asl.expression", _pass("{% " + "(" * 8_000 + "1" + ")" * 8_000 + " %}")),
    "an expression of lambdas": ("planned", _pass("{% " + "function($a){" * 100 + "1" + "}" * 100 + " %}")),
    "$eval": ("refused asl.expression", _pass("{% $eval('1') %}")),
    "twenty thousand expressions": ("planned", _pass({f"a{n}": "{% $states.input.a %}" for n in range(20_000)})),
    "ninety thousand keys": (
        "planned",
        _asl({"A": {"Type": "Pass", "Result": {f"k{n}": 1 for n in range(70_000)}, "Next": "B"}, "B": TASK}),
    ),
    "a name 5,000 times": (
        "refused asl.json",
        _raw(b'{"StartAt":"A","States":{' + b",".join([b'"A":{"Type":"Succeed"}'] * 5_000) + b"}}"),
    ),
    "a name in 5,000 branches": (
        "refused asl.name-twice",
        _asl({"P": {"Type": "Parallel", "End": True, "Branches": [{"StartAt": "A", "States": {"A": TASK}}] * 5_000}}),
    ),
    "nine thousand states": ("planned", _chain(9_000)),
    "nine thousand levels": ("refused asl.json", _raw(b'{"a":' * 9_000 + b"1" + b"}" * 9_000)),
    "a number of 5,000 digits": (
        "refused asl.",
        _raw(b'{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":' + b"9" * 5_000 + b"}}}"),
    ),
    "not a number": ("refused asl.json", _raw(b'{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":NaN}}}')),
    "a definition of 2 MB": ("refused asl.size", _raw(b" " * 2_000_000)),
    "an ARN of its own": ("refused asl.", _task(Resource="arn:aws:lambda:us-east-1:1:function:x")),
    "a service integration": ("refused asl.", _task(Resource="arn:aws:states:::aws-sdk:s3:getObject")),
    "credentials of another role": ("refused asl.", _task(Credentials={"RoleArn": "arn:aws:iam::1:role/x"})),
    "an activity": ("refused asl.", _task(Resource="arn:aws:states:us-east-1:1:activity:x")),
    "a reference of CloudFormation": ("refused asl.", _task(Comment="{{resolve:ssm:x}}")),
    "a substitution of ours": ("refused asl.", _task(Resource="${Gate}")),
    "a state named as a hidden one": ("refused asl.name-reserved", _asl({"A (paused)": TASK})),
    "a state name with an escape": ("refused asl.name", _asl({"A\x1b[31m": TASK})),
    "a loop without end": (
        "refused asl.",
        _asl({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}),
    ),
    "a retry without end": ("refused asl.retry", _task(Retry=[{"ErrorEquals": ["X"], "MaxAttempts": 99_999_999}])),
    "a map over S3": (
        "refused asl.",
        _asl(
            {
                "M": {
                    "Type": "Map",
                    "End": True,
                    "ItemReader": {},
                    "ItemProcessor": {"StartAt": "A", "States": {"A": TASK}},
                }
            }
        ),
    ),
    "a heartbeat": ("refused asl.heartbeat", _task(HeartbeatSeconds=1)),
    "eight thousand catchers": (
        "planned",
        _asl({"A": {**TASK, "Catch": [{"ErrorEquals": [f"E{n}"], "Next": "B"} for n in range(6_000)]}, "B": TASK}),
    ),
    "a config schema that fetches": (
        "refused manifest.schema",
        _toml(_SCHEMA) | {"c.json": b'{"type":"object","$dynamicRef":"http://169.254.169.254/#x"}'},
    ),
    "a config schema of 900 levels": (
        "refused manifest.schema",
        _toml(_SCHEMA) | {"c.json": b'{"type":"object","x":' + b'{"not":' * 900 + b"{}" + b"}" * 901},
    ),
    "a config schema that backtracks": (
        "refused manifest.schema",
        _toml(_SCHEMA) | {"c.json": b'{"type":"object","properties":{"a":{"pattern":"^(?=a)(a+)+$"}}}'},
    ),
}
