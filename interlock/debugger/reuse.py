"""Which recorded visit answers a new one. Position first (state, Map index, ordinal); the digest is the check."""

from collections.abc import Iterable, Sequence

from interlock.contract.run import RecordStatus, StepRecord


def final_records(records: Iterable[StepRecord]) -> list[StepRecord]:
    """The last ended attempt of each visit, in the order in which the visits were entered."""
    visits: dict[tuple[str, str, int, int | None, str], StepRecord] = {}
    for record in records:
        key = (record.execution, record.state, record.redrive, record.index, record.entered + record.digest)
        last = visits.get(key)
        if record.status is not RecordStatus.STARTED and (last is None or record.attempt >= last.attempt):
            visits[key] = record
    return sorted(visits.values(), key=lambda record: (record.entered, record.started))


def visit_name(record: StepRecord) -> str:
    """What tells a recorded visit from every other; items of a Map are entered in the same millisecond."""
    return f"{record.execution}#{record.entered}#{record.state}#{record.index}#{record.digest[:16]}"


def interrupted(
    earlier: Sequence[StepRecord], own: Sequence[StepRecord], state: str, index: int | None, digest: str, attempt: int
) -> StepRecord | None:
    """The attempt of an earlier execution that began and whose end nobody knows, if that is this one."""
    taken = {record.reused for record in own if record.reused}
    for record in earlier:
        same = record.state == state and record.index == index and (record.asked or record.digest) == digest
        begun = record.status is RecordStatus.STARTED and record.attempt == attempt
        if same and begun and f"{visit_name(record)}#{attempt}" not in taken:
            return record
    return None


def match(
    earlier: Sequence[StepRecord], own: Sequence[StepRecord], state: str, index: int | None, digest: str
) -> StepRecord | None:
    """The record that answers a visit of `state`.

    Args:
        earlier: records of the execution that is replayed.
        own: records that this execution has already made; a record that one of them reused is taken.
        state: the state that was entered.
        index: its item's index in a Map.
        digest: the digest of its input.

    Returns:
        The first record of that position with that digest that is not taken; None where there is none.
    """
    taken = {name for record in own for name in (record.reused, record.copy_of) if name}
    for record in final_records(earlier):
        same = record.state == state and record.index == index and (record.asked or record.digest) == digest
        source = record.reused if "#" in record.reused else ""
        if same and taken.isdisjoint((visit_name(record), source)):
            return record
    return None
