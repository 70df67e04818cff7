"""Terms in descriptions."""

import re

from interlock import step


@step
def pattern(value: dict) -> dict:
    return {"pattern": "|".join(map(re.escape, value["terms"])), "text": value["text"]}


@step
def find(value: dict) -> dict:
    words = re.finditer(value["pattern"], value["text"])
    return {"found": list(words)}
