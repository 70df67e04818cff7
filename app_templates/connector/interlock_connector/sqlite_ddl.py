"""What SQLite keeps of a table in its SQL text only: names of constraints, checks, and expressions. Pure.

The parser of sqlglot does not know all of SQLite's grammar, and one word that it does not know would cost a table all
of its checks. SQLite accepted each text, so sqlglot's tokens and the brackets are enough to tell the parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

import sqlglot
from sqlglot import TokenType
from sqlglot.errors import SqlglotError

from interlock_connector.shape import Check

MAX_SQL_CHARS = 200_000
"""Of the SQL of one table or index: reading so much takes about a second."""
Columns = tuple[str, ...]
"""Names of columns, folded."""


@dataclass
class Declared:
    """What the SQL of a table says: expressions of generated columns, checks, and names of constraints."""

    generated: dict[str, str] = field(default_factory=dict[str, str])
    checks: list[Check] = field(default_factory=list[Check])
    uniques: dict[Columns, str] = field(default_factory=dict[Columns, str])
    foreign_keys: dict[Columns, str] = field(default_factory=dict[Columns, str])


_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(name: str) -> str:
    """A name as SQLite compares it: only the letters A to Z are the same in capitals."""
    return name.translate(_SMALL)


class _Group(NamedTuple):
    """Brackets: the places of both in the list of tokens."""

    opened: int
    closed: int


@dataclass(frozen=True)
class _Text:
    """SQL and its tokens."""

    sql: str
    tokens: list[Any]
    groups: dict[int, _Group]
    """Brackets by where they open."""

    def word(self, at: int) -> str:
        """The first word of a keyword in capitals; of `PRIMARY KEY` it is `PRIMARY`. Empty for what is quoted."""
        token = self.tokens[at]
        quoted = token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
        return "" if quoted else str(token.text).upper().split()[0]

    def inside(self, group: _Group) -> str:
        """What is between brackets, as it is written."""
        return self.sql[self.tokens[group.opened].end + 1 : self.tokens[group.closed].start].strip()

    def entries(self, group: _Group) -> Iterator[range]:
        """What commas part between brackets: the places of the tokens of each."""
        first = at = group.opened + 1
        while at < group.closed:
            inner = self.groups.get(at)
            if self.tokens[at].token_type is TokenType.COMMA:
                yield range(first, at)
                first = at + 1
            at = inner.closed + 1 if inner else at + 1
        yield range(first, group.closed)

    def columns(self, group: _Group) -> Columns:
        """The columns that brackets name."""
        return tuple(fold(str(self.tokens[entry.start].text)) for entry in self.entries(group) if entry)


def read_table(sql: str) -> Declared:
    """Read `CREATE TABLE`. A text that is too long says nothing."""
    result = Declared()
    text = _read(sql)
    if text is not None and text.groups:
        for entry in text.entries(text.groups[min(text.groups)]):
            if entry:
                _read_entry(text, entry, result)
    return result


def read_index(sql: str) -> tuple[tuple[str, ...], str | None]:
    """Read `CREATE INDEX`: its parts as they are written but for their order, and the condition of a partial index."""
    text = _read(sql)
    if text is None or not text.groups:
        return (), None
    group = text.groups[min(text.groups)]
    parts: list[str] = []
    for entry in text.entries(group):
        last = entry.stop - 1
        while last > entry.start and text.word(last) in ("ASC", "DESC"):
            last -= 1
        parts.append(sql[text.tokens[entry.start].start : text.tokens[last].end + 1])
    rest = text.tokens[group.closed + 1 :]
    return tuple(parts), sql[rest[1].start : rest[-1].end + 1] if len(rest) > 1 else None


def _read(sql: str) -> _Text | None:
    if len(sql) > MAX_SQL_CHARS:
        return None
    try:
        tokens: list[Any] = list(sqlglot.tokenize(sql, dialect="sqlite"))
    except SqlglotError:
        return None
    groups: dict[int, _Group] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            opened.append(at)
        elif token.token_type is TokenType.R_PAREN and opened:
            first = opened.pop()
            groups[first] = _Group(first, at)
    return _Text(sql, tokens, groups)


def _read_entry(text: _Text, entry: range, result: Declared) -> None:
    """Read a column with its constraints, or constraints of the table."""
    of_table = text.word(entry.start) in ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
    column = "" if of_table else str(text.tokens[entry.start].text)
    own: Columns = (fold(column),)
    name = ""
    at = entry.start if of_table else entry.start + 1
    while at < entry.stop:
        word, group = text.word(at), text.groups.get(at + 1)
        after = at + 1
        match word:
            case "CONSTRAINT":
                name = str(text.tokens[at + 1].text)
                at += 2
                continue
            case "CHECK" if group:
                result.checks.append(Check(name, text.inside(group)))
            case "AS" if group and column:
                result.generated[column] = text.inside(group)
            case "UNIQUE":
                result.uniques.setdefault(text.columns(group) if group and of_table else own, name)
            case "FOREIGN" if group:
                result.foreign_keys.setdefault(text.columns(group), name)
            case "REFERENCES" if column:
                result.foreign_keys.setdefault(own, name)
            case "PRIMARY" | "NOT" | "NULL" | "DEFAULT" | "COLLATE":
                pass
            case _:
                group = text.groups.get(at)
                at = group.closed + 1 if group else after
                continue
        name = ""
        at = group.closed + 1 if group else after
