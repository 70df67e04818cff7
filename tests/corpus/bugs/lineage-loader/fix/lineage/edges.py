"""One edge."""


def edge(text: str) -> list:
    source, target = text.replace(" - ", "->").split("->")
    return [source.strip(), target.strip()]
