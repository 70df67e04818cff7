"""What AWS asks for what runs use, in US dollars, US East (N. Virginia), as of November 2026, without free tiers.

Sources: https://aws.amazon.com/lambda/pricing/ and https://aws.amazon.com/step-functions/pricing/. An estimate of what
grows with use: tables, buckets, queues and logs of the platform are not in it.
"""

from interlock.contract.core.base import Document

GATE_MEMORY_GB = 0.5


class Prices(Document):
    """A price table; the operator's own account may have another one."""

    lambda_gb_second: float = 0.0000133334
    """arm64; x86_64 costs 0.0000166667."""
    lambda_request: float = 0.20 / 1_000_000
    transition: float = 0.025 / 1_000
    """Of a standard workflow."""


PRICES = Prices.model_construct()


def cost(invocations: int, gb_seconds: float, transitions: int, prices: Prices = PRICES) -> float:
    """Dollars for invocations of functions, their memory and time, and state transitions."""
    duration = gb_seconds * prices.lambda_gb_second
    return invocations * prices.lambda_request + duration + transitions * prices.transition
