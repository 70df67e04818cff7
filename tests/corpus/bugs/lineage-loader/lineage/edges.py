"""One edge."""


def edge(text: str) -> list:
    source, target = text.split("->")
    return [source.strip(), target.strip()]
