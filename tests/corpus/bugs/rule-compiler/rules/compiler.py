"""A rule is an expression over `row`."""


def compiled(text: str):
    space = {}
    exec(f"def test(row):\n    return {text}\n", space)
    return space["test"]
