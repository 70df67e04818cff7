"""Prices storage."""

from interlock import step
from pricing.quotes import quote_for


@step
def measure(value: dict) -> dict:
    return {"plan": value["plan"], "gb": sum(value["sizes"])}


@step
def quote(value: dict) -> dict:
    return {"price": quote_for(value["plan"], value["gb"])}
