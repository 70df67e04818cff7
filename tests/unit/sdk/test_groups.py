"""Errors that asyncio.TaskGroup puts together: told by their first member, matched by the group's own name."""

from __future__ import annotations

import asyncio

from interlock.sdk.chain import path_to_root
from interlock.sdk.errors import describe
from interlock.sdk.redact import Redactor


async def spread(values: list[int]) -> int:
    await asyncio.sleep(0)
    return max(values) - min(values)


async def grouped(rows: list[list[int]]) -> None:
    async with asyncio.TaskGroup() as outer:
        outer.create_task(spread([1, 2]))
        async with asyncio.TaskGroup() as inner:
            for row in rows:
                inner.create_task(spread(row))


def raised() -> BaseException:
    try:
        asyncio.run(grouped([[3], []]))
    except BaseExceptionGroup as error:
        return error
    raise AssertionError("nothing was raised")


def test_the_failing_line_is_that_of_the_first_member() -> None:
    error = raised()
    result = describe(error, Redactor())
    assert (result.name, result.type) == ("ExceptionGroup", "ExceptionGroup")
    assert (result.frames[-1].function, result.frames[-1].locals) == ("spread", {"values": "[]"})
    assert result.frames[0].function == "raised"
    assert result.message.endswith("first ValueError: max() arg is an empty sequence")


def test_members_lead_inwards() -> None:
    one = ValueError("one")
    group = ExceptionGroup("outer", [ExceptionGroup("inner", [one, OSError("two")]), KeyError("three")])
    names = [type(link.error).__name__ for link in path_to_root(group)]
    assert names == ["ExceptionGroup", "ExceptionGroup", "ValueError"]
    assert [link.error for link in path_to_root(one)] == [one]
