"""Statistics of tables; one refresh at a time."""

from interlock import Context, RetryableError, step

from .lock import Lock


@step
def plan(value: dict) -> dict:
    return {"warehouse": value["warehouse"], "tables": sorted(value["tables"], key=lambda row: row["name"])}


@step
def refresh(value: dict, ctx: Context) -> dict:
    lock = Lock(ctx, value["warehouse"])
    if not lock.take():
        raise RetryableError(f"{value['warehouse']} is locked", name="Warehouse.Locked")
    sizes = {table["name"]: megabytes(table["size"]) for table in value["tables"]}
    lock.release()
    return {"sizes": sizes}


def megabytes(text: str) -> float:
    amount, unit = text[:-2], text[-2:]
    return float(amount) * {"KB": 0.001, "MB": 1, "GB": 1000, "TB": 1_000_000}[unit]
