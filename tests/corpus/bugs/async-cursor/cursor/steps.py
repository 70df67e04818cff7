"""Reads pages."""

from cursor.source import pages
from interlock import step


@step
async def read(value: dict) -> dict:
    return {"rows": [row async for page in pages(value["cursor"]) for row in page]}
