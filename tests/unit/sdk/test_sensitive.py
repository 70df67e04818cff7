"""Which fields of a step's types are sensitive, and that their values show in no log, local or effect."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

import pytest
from pydantic import BaseModel, Field, SecretStr

from interlock import Context, Sensitive, step
from interlock.sdk.sensitive import sensitive_pointers
from interlock.testing import run_step

Marked = Annotated[str, Sensitive()]


class Tree(BaseModel):
    pin: Marked
    word: SecretStr = Field(default=SecretStr(""), alias="passWord")
    kids: list[Tree] = []
    by: dict[str, SecretStr] = {}


class Typed(TypedDict):
    x: NotRequired[Annotated[int, Sensitive]]


@dataclass
class Pair:
    typed: Typed
    both: tuple[int, Marked]


@pytest.mark.parametrize(
    ("annotation", "pointers"),
    [
        (Any, ()),
        (dict, ()),
        (dict[str, int], ()),
        (Marked, ("",)),
        (Marked | None, ("",)),
        (list[SecretStr], ("/*",)),
        (dict[str, tuple[Marked, ...]], ("/*/*",)),
        (Pair, ("/typed/x", "/both/1")),
    ],
)
def test_pointers_of_a_type(annotation: Any, pointers: tuple[str, ...]) -> None:
    assert sensitive_pointers(annotation) == pointers


def test_a_type_that_holds_itself_has_an_end() -> None:
    result = sensitive_pointers(Tree)
    assert {"/pin", "/passWord", "/word", "/by/*", "/kids/*/pin", "/kids/*/by/*"} <= set(result)
    assert len(result) < 100


class Order(BaseModel):
    card: SecretStr
    pin: Marked


@step
def leak(order: Order, ctx: Context) -> dict[str, Marked]:
    card, pin = order.card.get_secret_value(), order.pin
    logging.warning("card %s", card)
    ctx.state.put("seen", {"copy": card})
    if pin == "fail-1234":
        raise ValueError(f"no {pin} with {card}")
    return {"pin": pin}


def test_values_show_nowhere_but_in_the_step(caplog: pytest.LogCaptureFixture) -> None:
    done = run_step(leak, {"card": "4111-1111", "pin": "fail-1234"})
    assert done.error is not None
    text = done.error.model_dump_json() + str(done.effects)
    assert "4111-1111" not in text
    assert "fail-1234" not in text
    assert done.answer.sensitive == ("/input/card", "/input/pin", "/output/*")
    assert run_step(leak, {"card": "4111-1111", "pin": "1234"}).output == {"pin": "1234"}
