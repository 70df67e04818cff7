"""Amounts of rows."""


def amounts(rows: list) -> float:
    return sum(amount(row) for row in rows)


def amount(row: dict) -> float:
    return float(row["amount"].replace("n/a", "0"))
