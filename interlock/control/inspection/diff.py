"""How two runs of a tenant differ: outlines first, and bodies only of the visits that differ, as far as there is room.

What the tenant, the manifests or the types call sensitive is redacted wherever it stands, as in an explanation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from interlock.aws.tables.bodies import Bodies
from interlock.aws.tables.records import records_at
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.base import Json
from interlock.contract.diff import RunDiff
from interlock.contract.run import Body, Outline, Run, StepRecord
from interlock.control.inspection.whole import fetched_body, whole_record
from interlock.debugger.diff import diff_runs
from interlock.debugger.redaction import learned

MAX_READ_VISITS = 200
"""Visits of each run whose bodies are read: a page shows fewer differences, and a function answers within 30 s."""
MAX_READ_BYTES = 10_000_000
"""Bytes of inputs and outputs of each run that are read: a function of 512 MB has both runs in memory."""
BATCH = 100
"""BatchGetItem reads so many items:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""


@dataclass(frozen=True)
class DiffContext:
    """What comparing works with."""

    runs: Runs
    registry: Registry
    bucket: str


def show_diff(context: DiffContext, tenant: str, a: str, b: str, *, whole: bool = True) -> RunDiff:
    """How run `b` differs from run `a`.

    Args:
        context: the stores.
        tenant: whose runs they are.
        a: the first run.
        b: the second one.
        whole: also version, config and input of the runs; not for a comparison that changed them on purpose.

    Raises:
        NotFound: the tenant has no such run.
    """
    one, other = _Side(context, context.runs.find(tenant, a).item), _Side(context, context.runs.find(tenant, b).item)
    difference = diff_runs(
        one.run, one.outlines(), other.run, other.outlines(), whole=whole, fill=(one.fill, other.fill)
    )
    difference = difference.model_copy(update={"unread": max(one.unread, other.unread)})
    return _redacted(difference, context.registry.tenant(tenant).redact, (one, other))


@dataclass
class _Side:
    """One of the two runs."""

    context: DiffContext
    run: Run
    read: list[StepRecord] = field(default_factory=list[StepRecord])
    unread: int = 0

    def __post_init__(self) -> None:
        self.bodies = Bodies(self.context.bucket, self.run.tenant, self.run.id)
        output = fetched_body(self.bodies, self.run.output) if self.run.output else None
        self.run = self.run.model_copy(update={"input": fetched_body(self.bodies, self.run.input), "output": output})

    def outlines(self) -> list[Outline]:
        rows = self.context.runs.outlines(self.run.tenant, self.run.id, None)
        return [Outline.model_validate_json(text) for _, text in rows]

    def fill(self, outlines: Sequence[StepRecord]) -> Sequence[StepRecord]:
        """Whole records for outlines that differ; digests in the place of bodies where there is no room for more."""
        wanted = [row for row in outlines if isinstance(row, Outline)]
        room = _room(wanted)
        self.unread = len(wanted) - room
        self.read = list(self._whole(wanted[:room]))
        return [*self.read, *map(_digests, wanted[room:])]

    def _whole(self, outlines: Sequence[Outline]) -> Iterator[StepRecord]:
        for at in range(0, len(outlines), BATCH):
            batch = outlines[at : at + BATCH]
            keys = [row.key for row in batch]
            rows = records_at(self.context.runs.table, self.run.tenant, self.run.id, keys)
            for outline in batch:
                record = rows.get(outline.key)
                yield whole_record(self.bodies, record) if record else _digests(outline)


def _room(outlines: Sequence[Outline]) -> int:
    """How many of the first ones may be read."""
    total = 0
    for count, outline in enumerate(outlines[:MAX_READ_VISITS]):
        total += outline.input.size + (outline.output.size if outline.output else 0)
        if total > MAX_READ_BYTES:
            return count
    return min(len(outlines), MAX_READ_VISITS)


def _digests(outline: Outline) -> StepRecord:
    output = outline.output
    return outline.model_copy(
        update={"input": _digest_of(outline.input), "output": _digest_of(output) if output is not None else None}
    )


def _digest_of(body: Body) -> Body:
    value: Json = {"sha256": body.digest, "size": body.size}
    return body.model_copy(update={"value": value, "key": ""})


def _redacted(difference: RunDiff, rules: tuple[str, ...], sides: Sequence[_Side]) -> RunDiff:
    value: Any = difference.model_dump(mode="json")
    for side in sides:
        value = learned(side.run, side.read, (*side.run.redact, *rules)).data(value)
    return RunDiff.model_validate(value)
