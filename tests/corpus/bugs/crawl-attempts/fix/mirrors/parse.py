"""A mirror's list: a number and a name in each line."""


def names(text: str) -> list:
    return [row.split(";")[1] for row in text.splitlines() if ";" in row]
