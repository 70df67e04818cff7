"""A glossary as lines of `term: definition`."""

from interlock import step


@step
def read_lines(value: dict) -> dict:
    lines = [line.strip() for line in value["text"].splitlines()]
    return {"glossary": value["glossary"], "lines": [line for line in lines if line and not line.startswith("#")]}


@step
def parse(value: dict) -> dict:
    terms = [parse_line(line) for line in value["lines"]]
    return {"glossary": value["glossary"], "terms": terms}


def parse_line(line: str) -> dict:
    term, definition = line.split(":", 1)
    return {"term": term.strip().lower(), "definition": definition.strip()}


@step
def report(value: dict) -> dict:
    return {"glossary": value["glossary"], "count": len(value["terms"])}
