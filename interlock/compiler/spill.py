"""Which parts of a payload no expression of a workflow reads: those may lie in S3 while the workflow runs.

Conservative by names: a name that any expression mentions on the way to something is never spilled; a name that an
expression may read *into* (a function's argument, a Choice's variable) keeps all that is below it. A path that only
moves a value leaves it free to be a marker. `..` and `*` read anything, so nothing spills then.
"""

import re

from interlock.compiler import expressions
from interlock.compiler.workflow import Raw
from interlock.contract.registry import SpillPlan

_MOVE = re.compile(r"^\$[\w]*(\.[A-Za-z_][\w\-]*)*$")
_JSONATA_MOVE = re.compile(r"^\{%\s*(\$[\w]*(\.[A-Za-z_]\w*)*)\s*%\}$")
_READS_ALL = re.compile(r"\.\.|\*\*|\.\*|\[\*\]|\$(lookup|keys|spread|each|sift|merge|eval)\(")
READING_FIELDS = ("Variable", "ItemsPath", "Items", "SecondsPath", "TimestampPath", "Condition")


def plan_spill(raw: Raw) -> SpillPlan:
    """What must stay in place, for a compiled or a written definition."""
    reads: set[str] = set()
    deep: set[str] = set()
    opaque = False
    for where, text in expressions.strings(raw):
        field = where.rsplit("/", 1)[-1]
        if not (
            text.startswith(("{%", "States.")) or (text.startswith("$") and field.endswith((".$", "Path", "Variable")))
        ):
            continue
        moved = _moved(text)
        if moved is not None and field not in READING_FIELDS:
            reads.update(moved.split(".")[1:-1])
        else:
            opaque = opaque or _READS_ALL.search(text) is not None
            names = expressions.names_read(text)
            reads |= names
            deep |= names
    return SpillPlan(reads=tuple(sorted(reads)), deep=tuple(sorted(deep)), opaque=opaque)


def _moved(text: str) -> str | None:
    match = _JSONATA_MOVE.match(text)
    if match:
        return match.group(1)
    return text if _MOVE.match(text) else None
