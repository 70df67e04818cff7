"""A table seen twice: by its figures, and by what of it is personal."""

from interlock import step

PERSONAL = {"mail": "contact", "phone": "contact", "iban": "financial"}


@step
def sample(value: dict) -> dict:
    return {"table": value["table"], "columns": value["columns"], "rows": value["rows"][:100]}


@step
def count(value: dict) -> dict:
    return {"rows": len(value["rows"]), "columns": len(value["columns"])}


@step
def distinct(value: dict) -> dict:
    return {"columns": value["columns"], "of": value["rows"]}


@step
def personal(value: dict) -> dict:
    found = [column for column in value["columns"] if column["name"] in PERSONAL]
    classes = {column["name"]: PERSONAL[column["name"]] for column in found}
    return {"classes": classes}
