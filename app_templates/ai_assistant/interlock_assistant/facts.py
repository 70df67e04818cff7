"""What the language model is told of assets: names, types, comments, owners, tags, lineage. Never a value of a row."""

import re
from collections.abc import Iterable
from typing import Any

from interlock import Asset, Context

KINDS = ("table", "view", "materialized_view", "foreign_table")
SCANNED = 400
"""Assets of each kind that a question is looked up in."""
MAX_COLUMNS = 60
MAX_LISTED = 20
MAX_CHARS = 200
"""Of a comment or a description, which somebody else wrote."""
BEST = 6
"""Assets that a question is answered from."""
_WORD = re.compile(r"[^\W_]{3,}")
COMMON = frozenset(
    "all and any are does for from has have how into not that the their they this use what which who whose with".split()
)
"""Words of a question that say nothing of what it is about."""
STEM_CHARS = 4
"""A word of so many letters also matches what begins with it: `order` the table `orderlines`."""


def tables(ctx: Context, prefix: str, limit: int) -> list[Asset]:
    """Tables and views below a prefix, at most `limit` of each kind."""
    return [asset for kind in KINDS for asset in ctx.catalog.search(type=kind, prefix=prefix or None, limit=limit)]


def best(question: str, assets: Iterable[Asset]) -> list[Asset]:
    """The assets that share most words with a question, best first; none where nothing is shared."""
    terms = _terms(question) - COMMON
    scored = [(_score(terms, asset), asset) for asset in assets]
    ranked = sorted((row for row in scored if row[0]), key=lambda row: (-row[0], row[1].qualified_name))
    return [asset for _, asset in ranked[:BEST]]


def facts(asset: Asset, ctx: Context, others: Iterable[Asset]) -> str:
    """What is known of a table, as lines."""
    attributes: dict[str, Any] = asset.attributes
    columns = list(ctx.catalog.search(type="column", prefix=f"{asset.qualified_name}/", limit=MAX_COLUMNS))
    later = [other.qualified_name for other in others if asset.qualified_name in other.upstream]
    lines = [
        f"{asset.type} {asset.qualified_name}",
        *_line("description", short(attributes.get("description"))),
        *_line("comment", short(attributes.get("comment"))),
        *_line("rows", str(attributes.get("row_count", ""))),
        *_line("owners", ", ".join(asset.owners[:MAX_LISTED])),
        *_line("tags", ", ".join(asset.tags[:MAX_LISTED])),
        *_line("comes from", ", ".join(asset.upstream[:MAX_LISTED])),
        *_line("is used by", ", ".join(sorted(later)[:MAX_LISTED])),
        *(f"column {_column(column)}" for column in columns),
    ]
    return "\n".join(lines)


def short(text: object) -> str:
    """A text of others on one line, cut."""
    return " ".join(str(text or "").split())[:MAX_CHARS]


def _column(asset: Asset) -> str:
    attributes: dict[str, Any] = asset.attributes
    parts = [asset.name, short(attributes.get("data_type")), *(f"#{tag}" for tag in asset.tags[:MAX_LISTED])]
    parts += [f"({short(attributes.get('comment'))})"] if attributes.get("comment") else []
    return " ".join(part for part in parts if part)


def _line(name: str, text: str) -> list[str]:
    return [f"{name}: {text}"] if text else []


def _score(terms: set[str], asset: Asset) -> int:
    attributes: dict[str, Any] = asset.attributes
    rest = " ".join((*asset.owners, *asset.tags, *asset.upstream, short(attributes.get("description"))))
    places = ((3, asset.name), (1, asset.qualified_name), (1, rest))
    return sum(weight for weight, text in places for term in terms if _is_in(term, _terms(text)))


def _terms(text: str) -> set[str]:
    """The words of a text, without the plural's ending."""
    return {word.casefold().rstrip("s") for word in _WORD.findall(text)}


def _is_in(term: str, terms: set[str]) -> bool:
    return term in terms or (len(term) >= STEM_CHARS and any(one.startswith(term) for one in terms))
