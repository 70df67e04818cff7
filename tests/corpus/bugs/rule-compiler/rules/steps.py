"""Applies rules."""

from interlock import step

from .compiler import compiled


@step
def apply(value: dict) -> dict:
    hits = {}
    for name, text in value["rules"].items():
        test = compiled(text)
        hits[name] = [row["name"] for row in value["rows"] if test(row)]
    return {"hits": hits}
