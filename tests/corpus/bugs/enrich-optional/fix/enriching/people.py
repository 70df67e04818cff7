"""Stewards of domains."""

STEWARDS = {"sales": "cy", "crm": "ada", "finance": "bo"}


def steward(domain: str) -> str:
    return STEWARDS[domain].title()
