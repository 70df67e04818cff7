"""Changes since the index's position."""

from interlock import step

from .client import position


@step
def changes(value: dict) -> dict:
    return {"changes": sorted(value["changes"], key=lambda row: row["number"])}


@step
async def sync(value: dict) -> dict:
    found = position()
    new = [row for row in value["changes"] if row["number"] > found["at"]]
    return {"synced": len(new)}
