"""What the warehouse says of its schemas."""

from interlock import step

DIRECTORY = {"sales": "sales-data@example.com", "finance": "finance-data@example.com"}


@step
def crawl(value: dict) -> dict:
    tables = []
    for name in value["tables"]:
        mail = DIRECTORY.get(name.split(".")[0], "data-office@example.com")
        tables.append({"name": name, "owner": {"mail": mail}})
    return {"source": value["source"], "tables": tables}


@step
def describe(value: dict) -> dict:
    for table in value["tables"]:
        table["title"] = table["name"].replace("_", " ").title()
    return value
