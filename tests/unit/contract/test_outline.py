"""The outline of a record: read back as `Outline`, the same for records that differ in nothing that counts."""

from typing import Any

import pytest

from interlock.contract.envelope import Effect
from interlock.contract.outline import outline_text
from interlock.contract.run import Body, Outline, RecordStatus, StepRecord

AT = "2026-01-01T00:00:00.000Z"


def record(**fields: Any) -> StepRecord:
    base: dict[str, Any] = {
        "run": "r", "execution": "acme_i_r", "state": "One", "step": "one", "entered": AT, "digest": "d" * 64,
        "status": RecordStatus.SUCCEEDED, "started": AT, "input": Body(value={"large": "x" * 9}, size=14, digest="e"),
        "output": Body(value=[1], size=3, digest="f"),
    }  # fmt: skip
    return StepRecord.model_validate(base | fields)


def effect(**fields: Any) -> Effect:
    base: dict[str, Any] = {"seq": 0, "kind": "state", "op": "put", "request": {"key": "a"}, "result": None}
    return Effect.model_validate(base | fields)


def read(subject: StepRecord) -> Outline:
    return Outline.model_validate_json(outline_text(subject, "STEP#1"))


def test_it_has_digests_in_place_of_values() -> None:
    outline = read(record(index=4, attempt=2, dry=True))
    assert (outline.key, outline.state, outline.index, outline.attempt) == ("STEP#1", "One", 4, 2)
    assert (outline.input.value, outline.input.size, outline.input.digest) == (None, 14, "e")
    assert outline.output is not None
    assert outline.output.digest == "f"


def test_how_long_an_effect_took_changes_nothing() -> None:
    fast, slow = (read(record(effects=(effect(duration_ms=ms),))) for ms in (1.0, 900.0))
    assert fast.effects_digest == slow.effects_digest


@pytest.mark.parametrize("other", [{"op": "get"}, {"request": {"key": "b"}}, {"result": 1}, {"error": "Boom"}])
def test_what_an_effect_asked_or_got_changes_its_digest(other: dict[str, Any]) -> None:
    assert read(record(effects=(effect(),))).effects_digest != read(record(effects=(effect(**other),))).effects_digest


def test_effects_that_are_stored_apart_have_no_digest() -> None:
    assert read(record(effects_key="runs/acme/r/x.json")).effects_digest == ""
