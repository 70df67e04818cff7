"""The crawl, second edition."""

from interlock import step


@step
def crawl(value: dict) -> dict:
    columns = [{"name": name, "data_type": kind} for name, kind in value["columns"].items()]
    return {"source": value["source"], "columns": columns}
