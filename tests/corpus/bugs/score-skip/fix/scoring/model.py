"""The weighted score."""

WEIGHTS = {"gold": 3, "silver": 2, "bronze": 1}


def weighted(asset: dict) -> int:
    return WEIGHTS[asset["tier"]] * asset["uses"]
