"""Scores against the tenant's own threshold."""

from interlock import Context, step


@step
def scores(value: dict) -> dict:
    return {"table": value["table"], "score": sum(value["marks"]) / len(value["marks"])}


@step
def warn(value: dict, ctx: Context) -> dict:
    least = ctx.config["score"]["least"]
    return {"table": value["table"], "warn": value["score"] < least}
