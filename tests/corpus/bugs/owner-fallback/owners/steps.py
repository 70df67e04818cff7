"""Owners of tables."""

from interlock import step
from owners.directory import lead
from owners.report import note


@step
def owners(value: dict) -> dict:
    found = {}
    for table in value["tables"]:
        try:
            found[table["name"]] = lead(table["team"])
        except KeyError as error:
            found[table["name"]] = note(table, error)
    return {"owners": found}
