"""A client of the index."""

import asyncio


async def position() -> dict:
    await asyncio.sleep(0)
    return {"at": 3}
