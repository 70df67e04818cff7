"""How a field is shown."""


def shout(value: str) -> str:
    return (value or "nobody").upper()
