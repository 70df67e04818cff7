"""What a failing line reads of the step's input, by syntax and identity, redacted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from interlock.testing import run_step

PATH = "orders[1].lines[0].price"


class Line(BaseModel):
    """A typed part of an input."""

    price: Any = None


class Order(BaseModel):
    """A typed input."""

    lines: list[Line]
    password: Any = "hunter2-not-for-eyes"


def first_price(order: dict[str, Any]) -> Any:
    return order["lines"][0]["price"]


def twice(price: Any, *, rate: Any = 2) -> Any:
    return price * rate + 1


def in_a_helper(value: dict[str, Any]) -> Any:
    return sum(first_price(order) for order in value["orders"])


def by_argument(value: dict[str, Any]) -> None:
    for order in value["orders"]:
        price = order.get("price")
        twice(price, rate=3)


def in_a_comprehension(order: Order) -> Any:
    return [line.price * 2 for line in order.lines]


def by_loop(value: dict[str, Any]) -> None:
    for _, word in value["words"].items():
        word.upper()


def whole(value: Any) -> Any:
    return value["x"]


async def later(value: dict[str, Any]) -> Any:
    customer = value["customer"]
    await asyncio.sleep(0)
    return customer["email"].lower()


def secret(order: Order) -> Any:
    return order.password + 1


def compared(value: dict[str, Any]) -> int:
    if value["n"] > value["m"][0]:
        return 1
    return 0


def past_the_end(order: Order) -> Any:
    at = 3
    return order.lines[at]


def odd_key(value: dict[str, Any]) -> Any:
    return value["a-b"]["c"]


def of_nothing(_value: Any) -> None:
    raise LookupError("no part of the input")


CASES: list[tuple[Callable[..., Any], Any, dict[str, str]]] = [
    (in_a_helper, {"orders": [{"lines": [{"price": 1}]}, {"lines": [{}]}]}, {PATH: "<missing>"}),
    (by_argument, {"orders": [{"price": 1}, {"price": None}]}, {"orders[1].price": "None"}),
    (in_a_comprehension, {"lines": [{"price": 1}, {}]}, {"lines[1].price": "None"}),
    (by_loop, {"words": {"a": "x", "b": 5}}, {"words.b": "5"}),
    (whole, None, {"$": "None"}),
    (whole, dict[str, Any](), {"x": "<missing>"}),
    (later, {"customer": {"email": None}}, {"customer.email": "None"}),
    (secret, {"lines": []}, {"password": "[redacted]"}),
    (compared, {"n": "1", "m": [2]}, {"n": "'1'", "m[0]": "2"}),
    (past_the_end, {"lines": []}, {"lines[3]": "<missing>"}),
    (odd_key, {"a-b": None}, {'["a-b"]': "None"}),
    (of_nothing, {"a": 1}, {}),
]


@pytest.mark.parametrize(("step", "value", "expected"), CASES)
def test_the_failing_line_names_the_input(step: Callable[..., Any], value: Any, expected: dict[str, str]) -> None:
    error = run_step(step, value).error
    assert error is not None
    assert error.frames[-1].touched == expected


def test_a_large_input_costs_little() -> None:
    error = run_step(whole, {"rows": [{"n": [n]} for n in range(100_000)]}).error
    assert error is not None
    assert error.frames[-1].touched == {"x": "<missing>"}
