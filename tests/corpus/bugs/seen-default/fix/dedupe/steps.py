"""Refuses duplicates."""

from interlock import step


def check_all(names: list) -> int:
    seen = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name} is there twice")
        seen.add(name)
    return len(names)


@step
def check(value: dict) -> dict:
    return {"checked": check_all(value["names"])}
