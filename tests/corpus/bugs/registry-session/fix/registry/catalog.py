"""Schemas by subject."""

SCHEMAS = {"orders": [["id"], ["id", "total"]], "payments": [["id"], ["id", "iban"]]}


def schema(subject: str, version: int) -> list:
    return SCHEMAS[subject][version - 1]
