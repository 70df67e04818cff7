"""Reads schemas."""

from interlock import step
from registry.catalog import schema
from registry.session import session


@step
def read(value: dict) -> dict:
    fields = {}
    for subject, version in value["subjects"].items():
        with session(subject):
            fields[subject] = schema(subject, version)
    return {"fields": fields}
