"""First rows."""

from interlock import step
from pages.stream import firsts


@step
def pages(value: dict) -> dict:
    return {"firsts": list(firsts(value["pages"]))}
