"""Lines."""


class ParseError(Exception):
    pass


def pairs(text):
    for number, line in enumerate(text.splitlines(), 1):
        if ":" not in line:
            raise ParseError(f"line {number}")
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()
