"""Crawls mirrors."""

from interlock import step
from mirrors.attempts import first_good
from mirrors.parse import names

MIRRORS = {"a": "1;orders\n2"}


def fetch(mirror: str) -> list:
    return names(MIRRORS[mirror])


@step
def crawl(value: dict) -> dict:
    return {"names": first_good(fetch, value["mirrors"])}
