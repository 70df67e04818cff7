"""Pages of assets into an index."""

from interlock import step


@step
def page(value: dict) -> dict:
    pages, at = value["pages"], value["at"]
    return {"pages": pages, "at": at + 1, "assets": pages[at], "more": at + 1 < len(pages)}


@step
def index(value: dict) -> dict:
    words = value["title"].split() + value["tags"]
    return {"id": value["id"], "words": sorted(words)}


@step
def close(value: dict) -> dict:
    return {"pages": value["at"]}
