"""Columns into the catalog."""

from interlock import step

from .models import Crawl


@step
def store(result: Crawl) -> dict:
    names = [f"{result.source}.{column.name}" for column in result.columns]
    return {"stored": names}
