"""The agenda of pauses that were decided, in the table of runs: until the waiting state has heard of it."""

from interlock.aws.tables.agenda import Agenda, Due

PARTITION = "AGENDA#PAUSES"


class PauseTimer(Due):
    """A pause whose state may not have heard that it was decided."""

    tenant: str
    run: str
    pause: str


def pause_timers(table: str) -> Agenda[PauseTimer]:
    """The pauses that were decided and may have to be told again."""
    return Agenda(table, PARTITION, PauseTimer, lambda entry: f"{entry.tenant}#{entry.run}#{entry.pause}")
