"""Refuses duplicates."""

from interlock import step

SEEN: set = set()


def check_all(names: list, seen: set = SEEN) -> int:
    for name in names:
        if name in seen:
            raise ValueError(f"{name} is there twice")
        seen.add(name)
    return len(names)


@step
def check(value: dict) -> dict:
    return {"checked": check_all(value["names"])}
