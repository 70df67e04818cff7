"""Policies of retention, as the policy service answers them since March."""

from pydantic import BaseModel

from interlock import step


class Policy(BaseModel):
    domain: str
    keep_days: int


@step
def policies(value: dict) -> dict:
    return {"policies": value["answer"]["items"], "assets": value["assets"]}


@step
def due(value: dict) -> dict:
    limits = {}
    for row in value["policies"]:
        policy = Policy(domain=row["domain"], keep_days=int(str(row["keep_days"]).strip("PD")))
        limits[policy.domain] = policy.keep_days
    return {"due": [asset["name"] for asset in value["assets"] if asset["age"] > limits[asset["domain"]]]}
