"""Columns into the catalog."""

from interlock import step

from .models import Crawl


@step
def store(found: Crawl) -> dict:
    names = [f"{found.source}.{column.name}" for column in found.columns]
    return {"stored": names}
