"""Ages of tables."""

from interlock import step


@step
def ages(value: dict) -> dict:
    known = [table["age_h"] for table in value["tables"] if table["age_h"] is not None]
    return {"domain": value["domain"], "ages": known}


@step
def mean(value: dict) -> dict:
    known = value["ages"]
    total = sum(known) if known else 0.0
    return {"domain": value["domain"], "mean_age_h": total / max(len(known), 1)}
