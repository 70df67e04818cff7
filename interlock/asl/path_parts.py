"""The parts of a path in AWS's dialect of JSONPath, and of the filters in one."""

from dataclasses import dataclass

from interlock.asl.regular import Regular
from interlock.asl.values import Json


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written in the filter."""

    value: Json


@dataclass(frozen=True, slots=True)
class Pattern:
    """`/expression/flags`."""

    regex: Regular


@dataclass(frozen=True, slots=True)
class Operand:
    """A path from the item (`@`) or from the root (`$`)."""

    of_item: bool
    path: "Path"


Side = Literal | Pattern | Operand


@dataclass(frozen=True, slots=True)
class Compare:
    """Two sides and an operator; without an operator: whether the left side exists."""

    left: Side
    operator: str = ""
    right: Side | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """`&&`, `||` or `!` of other filters."""

    operator: str
    tests: tuple["Filter", ...]


Filter = Compare | Join


@dataclass(frozen=True, slots=True)
class Names:
    """`.name`, `['name']` or `['a','b']`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0]`, `[-1]` or `[0,2]`."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[start:end]`; None where a bound is left out."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Where:
    """`[?(…)]`."""

    test: Filter


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`: the next part applies to everything below."""


@dataclass(frozen=True, slots=True)
class Call:
    """`.length()` and its like, at the end of a path."""

    name: str


Part = Names | Indexes | Slice | Wildcard | Where | Descent | Call


@dataclass(frozen=True, slots=True)
class Path:
    """A path that was read.

    Attributes:
        text: as it was written.
        root: `$` for the data, `$$` for the context object, or the name of a variable.
        parts: what follows.
    """

    text: str
    root: str
    parts: tuple[Part, ...]

    @property
    def definite(self) -> bool:
        """Whether it names one value."""
        last = len(self.parts) - 1
        return not any(
            isinstance(part, Slice | Wildcard | Where | Descent)
            or (isinstance(part, Indexes) and len(part.indexes) > 1)
            or (isinstance(part, Names) and len(part.names) > 1 and place < last)
            for place, part in enumerate(self.parts)
        )

    @property
    def reference(self) -> bool:
        """Whether it is a reference path: one name or one index at each step, so that it names one place.

        https://states-language.net/spec.html#ref-paths
        """
        return all(
            (isinstance(part, Names) and len(part.names) == 1) or (isinstance(part, Indexes) and len(part.indexes) == 1)
            for part in self.parts
        )
