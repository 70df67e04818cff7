"""What a gigabyte costs."""

TARIFFS = {"hot": {"per_gb": 0.02}, "archive": {"per_gb": 0.001}}


def per_gb(plan: str) -> float:
    return TARIFFS[plan]["per_gb"]
