"""Quotes of a plan."""

from pricing.tables import per_gb


class QuoteError(Exception):
    """A plan has no price."""


def quote_for(plan: str, gb: float) -> float:
    try:
        return per_gb(plan) * gb
    except KeyError as error:
        raise QuoteError(f"no price for {plan}") from error
