"""Tags at once."""

import asyncio

from fanout.columns import tag_column
from interlock import step


class FanoutError(Exception):
    """Not all was tagged."""


async def tag_table(table: str, columns: list) -> list:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(tag_column(table, column)) for column in columns]
    return [task.result() for task in tasks]


@step
async def tag(value: dict) -> dict:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(tag_table(name, names)) for name, names in value["tables"].items()]
    except* LookupError as group:
        raise FanoutError("not all was tagged") from group
    return {"tags": [task.result() for task in tasks]}
