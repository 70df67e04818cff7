"""Pages behind a cursor."""

import asyncio
from collections.abc import AsyncIterator

PAGES = {"p1": {"rows": [1], "next": "p2"}, "p2": {"rows": [2]}}


async def pages(cursor: str) -> AsyncIterator[list]:
    while cursor:
        await asyncio.sleep(0)
        yield PAGES[cursor]["rows"]
        cursor = PAGES[cursor]["next"]
