"""What a relation of a database is made of, in the same words for every database. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy.engine import Connection

TABLE, VIEW, MATERIALIZED, FOREIGN = "table", "view", "materialized_view", "foreign_table"
RELATIONS = (FOREIGN, MATERIALIZED, TABLE, VIEW)
"""The asset types of what has columns."""
PARTITION = "partition"


class Relation(NamedTuple):
    """One table or view, and why it can't be read where that is known already."""

    namespace: str
    name: str
    kind: str
    denied: bool = False

    @property
    def label(self) -> str:
        """How reports name it."""
        return f"{self.namespace}.{self.name}"


class Column(NamedTuple):
    """One column; `type`, `default` and `generated` are as the database writes them."""

    name: str
    type: str
    nullable: bool
    ordinal: int
    primary_key: bool = False
    default: str | None = None
    generated: str | None = None
    comment: str | None = None
    readable: bool = True


class ForeignKey(NamedTuple):
    """Columns that refer to as many columns of another table."""

    name: str
    columns: tuple[str, ...]
    namespace: str
    table: str
    targets: tuple[str, ...]


class Unique(NamedTuple):
    """Columns whose values are different in each row."""

    name: str
    columns: tuple[str, ...]


class Check(NamedTuple):
    """A condition that each row meets."""

    name: str
    expression: str


class Index(NamedTuple):
    """An index; of an expression, the text of it stands among the columns. A partial one has a condition."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    where: str | None = None


class Partition(NamedTuple):
    """One partition; `path` are the partitions from the table down to it, itself the last."""

    path: tuple[str, ...]
    bound: str
    rows: int | None = None


@dataclass(frozen=True)
class Shape:
    """What a relation is made of.

    Attributes:
        definition: the SQL of a view.
        estimate: about how many rows there are by the database's statistics.
        populated: false for a materialised view that was never filled.
        partitioned_by: the key of partitions, as the database writes it.
        server: where a foreign table's rows are.
        inherits: the tables that this one extends, as `schema.table`.
    """

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    partitions: tuple[Partition, ...] = ()
    comment: str | None = None
    definition: str | None = None
    estimate: int | None = None
    populated: bool = True
    partitioned_by: str | None = None
    server: str | None = None
    inherits: tuple[str, ...] = ()


class Reader(Protocol):
    """How one kind of database is asked."""

    dialect: str
    """What sqlglot calls it; empty where views have no lineage."""

    def prepare(self, connection: Connection, seconds: int) -> None:
        """Make the session read only, and bound what a statement and a lock may take."""
        ...

    def schemas(self, connection: Connection) -> list[str]:
        """The schemas that are not the system's own."""
        ...

    def relations(self, connection: Connection, schemas: Sequence[str]) -> list[Relation]:
        """Every table and view of the schemas; no partitions."""
        ...

    def shapes(self, connection: Connection, namespace: str, names: Sequence[str]) -> Mapping[str, Shape]:
        """What these relations of a schema are made of; one that is not there is not in the answer."""
        ...
