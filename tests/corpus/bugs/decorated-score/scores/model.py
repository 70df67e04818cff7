"""The score of an asset."""

from scores.decorators import clamped, counted


@counted
@clamped(0, 100)
def score(asset: dict) -> int:
    return round(100 * asset["used"] / asset["size"])
