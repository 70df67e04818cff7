"""Stewards of domains."""

STEWARDS = {"sales": "cy", "crm": "ada"}


def steward(domain: str) -> str:
    return STEWARDS[domain].title()
