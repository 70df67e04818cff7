"""Lineage from a log of queries."""

from interlock import step


@step
def read_log(value: dict) -> dict:
    edges = []
    for number in range(value["queries"]):
        source, target = f"raw.feed_{number % 97:02}", f"stage.model_{number:05}"
        edges.append({"source": source, "target": target, "query": f"insert into {target} select * from {source}"})
    return {"edges": edges, "roots": sorted({edge["source"] for edge in edges})}


@step
def targets(value: dict) -> dict:
    known = {"targets": [edge["target"] for edge in value["edges"]], "edges": value["edges"]}
    return known | {"roots": value["roots"]}
