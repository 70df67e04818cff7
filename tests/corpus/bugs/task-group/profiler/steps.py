"""Columns, profiled at once."""

import asyncio

from interlock import step


@step
def columns(value: dict) -> dict:
    return {"columns": value["columns"]}


@step
async def profile(value: dict) -> dict:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(spread(column)) for column in value["columns"]]
    return {"spreads": [task.result() for task in tasks]}


async def spread(column: dict) -> float:
    await asyncio.sleep(0)
    values = column["values"]
    return max(values) - min(values)
