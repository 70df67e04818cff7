"""What no other asset feeds."""

from interlock import step


@step
def orphans(value: dict) -> dict:
    count = {root: 0 for root in value["roots"]}
    for edge in value["edges"]:
        count[edge["source"]] += 1
    return {"orphans": [root for root, feeds in count.items() if not feeds], "roots": len(count)}
