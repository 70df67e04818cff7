"""Crawls by driver version."""

from interlock import step


@step
def connect(value: dict) -> dict:
    return {"source": value["source"], "driver": value["driver"], "catalog": value["catalog"]}


@step
def crawl_modern(value: dict) -> dict:
    return {"schemas": sorted(value["catalog"])}


@step
def crawl_legacy(value: dict) -> dict:
    names = [row["TABLE_SCHEM"] for row in value["catalog"]["rows"]]
    return {"schemas": sorted(set(names))}
