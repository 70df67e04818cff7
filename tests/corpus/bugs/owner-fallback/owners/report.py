"""What is said of a table without an owner."""


def note(table: dict, error: KeyError) -> str:
    return f"{table['name']}: {error.message}"
