"""Reads from a pool."""

from interlock import step

from .handles import POOL


@step
def read(value: dict) -> dict:
    try:
        return {"rows": POOL.read(value["table"])}
    finally:
        POOL.open = True
