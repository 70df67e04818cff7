"""Copies tags in the window that operations gave."""

from interlock import RetryableError, step


@step
def probe(value: dict) -> dict:
    raise RetryableError(f"{value['replica']} is behind", name="Replica.Behind")


@step
def read_tags(value: dict) -> dict:
    return {"tags": value["tags"]}


@step
def copy_tags(value: dict) -> dict:
    return {"copied": len(value["tags"])}
