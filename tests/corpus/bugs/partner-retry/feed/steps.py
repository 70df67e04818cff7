"""Reads a feed."""

import tenacious

from feed.reader import amounts
from interlock import step


@step
def read(value: dict) -> dict:
    return {"total": tenacious.call(amounts, value["rows"])}
