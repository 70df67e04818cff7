"""The agenda of the installs, in the registry."""

from typing import Literal

from interlock.aws.tables.agenda import Agenda, Due

Kind = Literal["watch", "delete", "resume"]
PARTITION = "AGENDA"


class Timer(Due):
    """One thing to look at: an install, and what for."""

    kind: Kind
    tenant: str
    install: str


def timers(table: str) -> Agenda[Timer]:
    """What is to be looked at of the installs."""
    return Agenda(table, PARTITION, Timer, lambda entry: f"{entry.tenant}#{entry.install}#{entry.kind}")
