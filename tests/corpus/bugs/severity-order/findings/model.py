"""A finding, in its order."""

from dataclasses import dataclass


@dataclass(order=True)
class Finding:
    """The worst is the greatest."""

    severity: int
    asset: str
