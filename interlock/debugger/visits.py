"""The visits of a run: which records are attempts of the same entry into a state. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from interlock.contract.run import RecordStatus, Run, StepRecord


@dataclass(frozen=True)
class Visit:
    """One entry into a state: its last attempt, and whether its end is known."""

    key: str
    """The sort key of the record."""
    record: StepRecord
    ended: bool

    @property
    def digest(self) -> str:
        """The digest of what the workflow passed."""
        return self.record.asked or self.record.digest

    @property
    def failed(self) -> bool:
        """Whether its last attempt failed."""
        return self.record.status is RecordStatus.FAILED


def visits(parent: Run, records: Iterable[tuple[str, StepRecord]]) -> list[Visit]:
    """The visits of a run's last execution, in the order in which they were entered.

    Args:
        parent: the run.
        records: sort key and record of every attempt.
    """
    execution = parent.execution.rsplit(":", 1)[-1]
    values: dict[tuple[str, str, int | None, int, str], Visit] = {}
    for key, record in records:
        if record.execution != execution or record.stopped:
            continue
        name = (record.entered, record.state, record.index, record.redrive, record.digest)
        last = values.get(name)
        ended = record.status is not RecordStatus.STARTED
        if last is None or record.attempt >= last.record.attempt:
            values[name] = Visit(key, record, ended)
    return sorted(values.values(), key=lambda visit: (visit.record.entered, visit.record.started))
