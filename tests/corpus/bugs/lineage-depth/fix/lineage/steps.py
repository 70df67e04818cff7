"""Depth of assets in the graph of lineage."""

from interlock import step


@step
def edges(value: dict) -> dict:
    graph: dict[str, list[str]] = {}
    for edge in value["edges"]:
        graph.setdefault(edge["to"], []).append(edge["from"])
    return {"graph": graph, "reports": value["reports"]}


@step
def depths(value: dict) -> dict:
    return {"depths": {report: depth(value["graph"], report) for report in value["reports"]}}


def depth(graph: dict[str, list[str]], asset: str) -> int:
    above = graph.get(asset, [])
    return 1 + max((depth(graph, name) for name in above), default=0)
