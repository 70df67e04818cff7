"""Loads lineage."""

from interlock import step
from lineage.compat import raise_from
from lineage.edges import edge


class LoadError(Exception):
    """A file is no lineage."""


@step
def load(value: dict) -> dict:
    edges = []
    for number, text in enumerate(value["lines"], 1):
        try:
            edges.append(edge(text))
        except ValueError as error:
            raise_from(LoadError(f"line {number}"), error)
    return {"edges": edges}
