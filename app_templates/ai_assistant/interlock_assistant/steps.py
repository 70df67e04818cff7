"""The one step of the workflow `describe`."""

from typing import Any

from pydantic import BaseModel, Field

from interlock import Context, PermanentError, step

MAX_LISTED = 200
"""Names in one list of an answer: a copilot reads it, and so does the workflow's payload."""


class Question(BaseModel):
    """What the tool takes."""

    qualified_name: str
    depth: int = Field(default=2, ge=0, le=5)


class Answer(BaseModel):
    """What is known; `upstream` is by hops, nearest first."""

    qualified_name: str
    type: str
    owners: list[str]
    tags: list[str]
    attributes: dict[str, Any]
    inside: list[str]
    upstream: list[list[str]]
    downstream: list[str]


@step
def describe(question: Question, ctx: Context) -> Answer:
    """Answer what is known of an asset.

    Raises:
        PermanentError: `NoSuchAsset`.
    """
    asset = ctx.catalog.get(question.qualified_name)
    if asset is None:
        raise PermanentError(f"no asset {question.qualified_name} in the catalog", name="NoSuchAsset")
    name = asset.qualified_name
    source = name.partition("/")[0]
    others = list(ctx.catalog.search(prefix=f"{source}/", limit=5000))
    return Answer(
        qualified_name=name,
        type=asset.type,
        owners=list(asset.owners),
        tags=list(asset.tags),
        attributes=asset.attributes,
        inside=[row.qualified_name for row in others if row.qualified_name.rpartition("/")[0] == name][:MAX_LISTED],
        upstream=_upstream(list(asset.upstream), {name}, question.depth, ctx),
        downstream=[row.qualified_name for row in others if name in row.upstream][:MAX_LISTED],
    )


def _upstream(names: list[str], seen: set[str], depth: int, ctx: Context) -> list[list[str]]:
    """Hops upwards; an asset is named at its nearest hop only, so a cycle ends."""
    hops: list[list[str]] = []
    for _ in range(depth):
        hop = sorted(set(names) - seen)[:MAX_LISTED]
        if not hop:
            break
        hops.append(hop)
        seen |= set(hop)
        assets = [ctx.catalog.get(name) for name in hop]
        names = [name for asset in assets if asset for name in asset.upstream]
    return hops
