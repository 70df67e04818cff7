"""Tags of columns."""

import asyncio

TAGS = {"mail": "pii", "id": "key", "ssn": "pii"}


async def tag_column(table: str, column: str) -> str:
    await asyncio.sleep(0)
    return f"{table}.{column}:{TAGS[column]}"
