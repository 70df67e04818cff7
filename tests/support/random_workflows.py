"""Workflows made by chance from a seed: every kind of state, both languages, nested, with data that flows through them.

The same seed gives the same workflow. What a step does depends on its input alone (and, for `flaky`, on how often it
was called with it), so that two machines with the same steps behave alike.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

Raw = dict[str, Any]
STEPS = ("echo", "add", "pick", "flaky")
ITEMS = [3, 5, 8]
BROKEN = ("Broken", "Flaky", "States.ALL", "States.TaskFailed")

CODE = """
import json, os, zlib
from pathlib import Path

FOLDER = "@FOLDER@"


class Broken(Exception):
    pass


class Flaky(Exception):
    pass


def clean(value):
    if isinstance(value, dict):
        return {key: clean(item) for key, item in value.items() if key != "Cause"}
    return [clean(item) for item in value] if isinstance(value, list) else value


def do(kind, value, who):
    mark = zlib.crc32(json.dumps(clean(value), sort_keys=True).encode())
    if kind == "add" and isinstance(value, dict):
        return {**value, "n": (value.get("n") if isinstance(value.get("n"), int) else 0) + 1}
    if kind == "pick" and mark % 5 == 0:
        raise Broken("by chance")
    if kind == "flaky" and isinstance(value, dict) and "at" in value and "w" in value:
        try:
            os.close(os.open(f"{FOLDER}/{who}-{value['w']}-{value['at']}-{mark}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return value
        raise Flaky("the first time")
    return value
"""
STEP_CODE = (
    CODE
    + "\n\nfrom interlock import step\n"
    + "".join(f"\n\n@step\ndef {name}(value, ctx):\n    return do({name!r}, value, ctx.run)\n" for name in STEPS)
)
ECHO_CODE = CODE + '\n\ndef handler(event, context):\n    return do(os.environ["KIND"], event, "original")\n'


def step_functions(folder: Path) -> Callable[[str, Any, str], Any]:
    """`do` of CODE in this process: by kind, input and who calls."""
    file = folder / "steps_of_random_workflows.py"
    file.write_text(CODE.replace("@FOLDER@", str(folder)))
    return runpy.run_path(str(file))["do"]


RETRY: Raw = {"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}


class Maker:
    """Makes one workflow."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.left = self.random.randint(4, 12)

    def workflow(self) -> Raw:
        """A whole workflow."""
        language = self.random.choice(("JSONPath", "JSONPath", "JSONata"))
        subject = self.scope(0, language)
        return subject | ({"QueryLanguage": "JSONata"} if language == "JSONata" else {})

    def chance(self, percent: int) -> bool:
        """True so often."""
        return self.random.randrange(100) < percent

    def name(self) -> str:
        """A state's name, once in the workflow."""
        self.count += 1
        return f"S{self.count}"

    def scope(self, depth: int, language: str, inside: str = "") -> Raw:
        """States one after the other; a Choice may leap over some, a Catch may too.

        `inside` is "" at the top, "alone" in the only part of a Parallel that may fail, "many" in a Map, and "safe" in
        the other branches: which of two failures ends a Parallel is a matter of time, and time differs in a pause.
        """
        names = [self.name() for _ in range(self.random.randint(1, 4 if depth else 5))]
        states: dict[str, Raw] = {}
        for at, name in enumerate(names):
            later = names[at + 1 :]
            self.left -= 1
            states |= self.state(name, later, depth, language, inside)
        return {"StartAt": names[0], "States": states}

    def state(self, name: str, later: list[str], depth: int, outer: str, inside: str) -> dict[str, Raw]:
        """One state, or two where one needs the other."""
        language = "JSONata" if outer == "JSONata" or self.chance(20) else "JSONPath"
        kinds = ["Task"] * 6 + ["Pass"] * 2 + ["Wait"]
        kinds += (
            ["Choice"] * 2
            if later
            else ["Succeed", *(["Fail"] if inside in ("", "alone") else [])]
            if self.chance(30)
            else []
        )
        kinds += ["Parallel", "Map"] if depth < 2 and self.left > 0 else []
        kind = self.random.choice(kinds)
        flow: Raw = {"Next": later[0]} if later else {"End": True}
        own: Raw = {"QueryLanguage": "JSONata"} if language != outer else {}
        if kind == "Choice":
            return self.choice(name, later, own, language)
        if kind == "Succeed":
            return {name: {"Type": "Succeed", **own}}
        if kind == "Fail":
            return {name: {"Type": "Fail", "Error": "Ended", "Cause": "by chance"}}
        subject: Raw = {"Type": kind, **flow, **own}
        shape = self.jsonata(kind, name) if language == "JSONata" else self.jsonpath(kind, name)
        if kind == "Wait":
            return {name: subject | {"Seconds": 0}}
        if kind == "Task":
            subject["Resource"] = f"${{{self.step(shape, inside)}}}"
        if kind == "Parallel":
            parts = [inside or "alone", "safe", "safe"][: self.random.randint(1, 3)]
            subject["Branches"] = [self.scope(depth + 1, outer, part) for part in parts]
        if kind == "Map":
            subject["ItemProcessor"] = self.scope(depth + 1, outer, "safe" if inside == "safe" else "many")
        result = {name: subject | shape}
        if kind in ("Task", "Parallel", "Map"):
            self.errors(result[name], later, language, result)
            if inside and subject.get("Resource") == "${flaky}":
                result[name]["Retry"] = [dict(RETRY)]
        return result

    def step(self, shape: Raw, inside: str) -> str:
        """Which step a Task calls."""
        if shape.get("Parameters", {}).get("at") or "'at'" in str(shape.get("Arguments", "")):
            return "flaky"
        return self.random.choice(("echo", "add") if inside == "safe" else ("echo", "add", "pick"))

    def choice(self, name: str, later: list[str], own: Raw, language: str) -> dict[str, Raw]:
        """A Choice on `n`."""
        to = self.random.choice(later)
        if language == "JSONata":
            rule: Raw = {"Condition": "{% $exists($states.input.n) and $states.input.n % 2 = 0 %}", "Next": to}
        else:
            present = {"Variable": "$.n", "IsPresent": True}
            rule = {"And": [present, {"Variable": "$.n", "NumericGreaterThan": self.random.randint(0, 6)}], "Next": to}
        return {name: {"Type": "Choice", "Choices": [rule], "Default": later[0], **own}}

    def errors(self, state: Raw, later: list[str], language: str, result: dict[str, Raw]) -> None:
        """Retry and Catch, perhaps."""
        if self.chance(40) and (state["Type"] == "Task" or len(state.get("Branches", ())) == 1):
            state["Retry"] = [dict(RETRY)]
            if self.chance(30):
                state["Retry"].append({"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1})
        if self.chance(45):
            to = self.random.choice(later) if later and self.chance(60) else self.name()
            catcher: Raw = {"ErrorEquals": [self.random.choice(BROKEN)], "Next": to}
            if language == "JSONPath":
                catcher |= self.random.choice(({"ResultPath": "$.e"}, {"ResultPath": None}, {"ResultPath": "$.e"}))
            elif self.chance(70):
                catcher["Output"] = "{% $merge([$states.input, {'e': $states.errorOutput.Error}]) %}"
            state["Catch"] = [catcher]
            if to not in result and to not in later:
                result[to] = {"Type": "Pass", "End": True}

    def jsonpath(self, kind: str, name: str) -> Raw:
        """Fields that shape data in JSONPath."""
        shape: Raw = {}
        roll = self.random.randrange(6)
        if kind == "Task" and roll < 4:
            data = {"w.$": "$.w", "n.$": "$.n", "x": [1, {"y.$": "$.n"}]}
            shape["Parameters"] = data | ({"at": name} if roll < 2 else {"s.$": "States.Format('n={}', $.n)"})
        if kind == "Map":
            shape |= {"ItemsPath": "$.items"} if self.chance(60) else {"MaxConcurrency": 2, "ItemsPath": "$.items"}
            shape["ItemSelector"] = {
                "w.$": "$.w",
                "items.$": "$.items",
                "n.$": "$$.Map.Item.Value",
                "k.$": "$$.Map.Item.Index",
            }
            shape["ResultPath"] = "$.m"
        if kind == "Parallel":
            shape["ResultPath"] = self.random.choice(("$.p", None))
            if self.chance(30):
                shape["ResultSelector"] = {"first.$": "$[0]"}
        if kind == "Task":
            shape |= self.random.choice(({}, {"ResultPath": "$.r"}, {"ResultPath": None}, {"ResultPath": "$.deep.r"}))
            if self.chance(20):
                shape["ResultSelector"] = {"n.$": "$.n", "w.$": "$.w", "all.$": "$"}
                shape.setdefault("ResultPath", "$.sel")
            if self.chance(15):
                shape["Assign"] = {"kept.$": "$.n", "where.$": "$$.State.Name"}
            if self.chance(8):
                shape["OutputPath"] = "$.r"
            if self.chance(8):
                shape["InputPath"] = "$"
        if kind == "Pass":
            shape |= self.random.choice(
                (
                    {},
                    {"Result": {"z": 1}, "ResultPath": "$.z"},
                    {"Parameters": {"q.$": "$.n"}, "ResultPath": "$.q"},
                    {"Assign": {"kept": 7}},
                )
            )
        return shape

    def jsonata(self, kind: str, name: str) -> Raw:
        """Fields that shape data in JSONata."""
        shape: Raw = {}
        roll = self.random.randrange(6)
        if kind == "Task" and roll < 4:
            at = f", {{'at': '{name}'}}" if roll < 2 else ""
            shape["Arguments"] = f"{{% $merge([$states.input, {{'j': $states.input.n}}{at}]) %}}"
        if kind == "Map":
            shape["Items"] = "{% $states.input.items %}"
            shape["ItemSelector"] = {
                "w": "{% $states.input.w %}",
                "items": "{% $states.input.items %}",
                "n": "{% $states.context.Map.Item.Value %}",
                "k": "{% $states.context.Map.Item.Index %}",
            }
        if kind in ("Task", "Map", "Parallel") and (kind != "Task" or self.chance(60)):
            shape["Output"] = f"{{% $merge([$states.input, {{'{name}': $states.result}}]) %}}"
        if kind in ("Task", "Pass") and self.chance(35):
            shape["Assign"] = {"kept": "{% $states.input.n %}", "where": "{% $states.context.State.Name %}"}
        if kind == "Pass":
            more = "($exists($states.input.n) ? $states.input.n : 0) + 1"
            shape["Output"] = f"{{% $merge([$states.input, {{'n': {more}}}]) %}}"
        return shape


def workflow(seed: int) -> Raw:
    """The workflow of a seed."""
    return Maker(seed).workflow()


def given(seed: int) -> Raw:
    """The input of a seed's workflow."""
    return {"w": seed, "n": seed % 7, "items": ITEMS[: 1 + seed % 3]}


def nested_in(raw: Raw, name: str) -> set[str]:
    """The names of all states inside a Parallel or Map."""
    names: set[str] = set()

    def walk(scope: Raw, inside: bool) -> None:
        for own, state in scope["States"].items():
            if inside:
                names.add(own)
            for part in (*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])):
                walk(part, inside or own == name)

    walk(raw, False)
    return names
