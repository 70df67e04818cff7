"""Applies the first rule."""

from interlock import step
from ruleset.cache import rules_of


@step
def apply(value: dict) -> dict:
    rules = rules_of(value["tenant"])
    first = rules.pop(0)
    return {"rule": first, "asset": value["asset"]}
