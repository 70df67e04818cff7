"""A crawl that is larger than what Step Functions passes on."""

from interlock import step


@step
def crawl(value: dict) -> dict:
    columns = []
    for number in range(value["tables"] * 40):
        table, position = divmod(number, 40)
        comment = None if number == value["uncommented"] else f"Column {position} of table {table}, as the source says"
        columns.append({"table": f"events.day_{table:04}", "name": f"c{position}", "comment": comment})
    return {"source": value["source"], "columns": columns}


@step
def tag(value: dict) -> dict:
    tags: dict[str, int] = {}
    for column in value["columns"]:
        word = (column["comment"] or "none").split()[0].lower()
        tags[word] = tags.get(word, 0) + 1
    return {"tags": tags}
