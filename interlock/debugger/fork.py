"""What a fork reuses of its parent, worked out before it starts: a role for each recorded visit. Pure.

A visit that was entered before the fork point, or that cannot follow it, is served from its record; what lies behind
runs. Where the records cannot tell (a Map in a Map: the index of the outer item is not in the context object; a
container in a loop), a visit is served if its input is the same, and runs otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from interlock.contract.core.failure import BadRequest, NotFound
from interlock.contract.core.finding import Finding
from interlock.contract.fork import ForkRequest, Position, ReuseEntry, Role, parse_position
from interlock.contract.run import Run
from interlock.debugger.flow import Flow
from interlock.debugger.visits import Visit

SHOWN = 12


@dataclass(frozen=True)
class ForkPlan:
    """What a fork does with its parent's records."""

    at: Position | None
    """None where every step runs."""
    point: Visit | None
    """The recorded visit of the fork point; None where the state ended without a record (an expression failed)."""
    entries: tuple[ReuseEntry, ...]
    upstream: tuple[str, ...]
    findings: tuple[Finding, ...]


def plan_fork(
    parent: Run,
    recorded: Sequence[Visit],
    request: ForkRequest,
    was: Flow,
    flow: Flow,
    idempotent: frozenset[str],
) -> ForkPlan:
    """Give each recorded visit its role.

    Args:
        parent: the run that is forked; it is over.
        recorded: what `visits` found.
        request: what was asked for.
        was: the parent's workflow.
        flow: the workflow that the fork runs; the same unless another version was asked for.
        idempotent: names of the steps that may run again where nobody knows how they ended.

    Raises:
        NotFound: the workflow has no such state, or the state no such visit.
        BadRequest: the state was visited more than once, and the request does not say which; or none is named.
    """
    if request.whole:
        entries = [_entry(number, visit, Role.RUN) for number, visit in enumerate(recorded)]
        return ForkPlan(None, None, tuple(entries), (), ())
    at = _position(parent, request)
    point = _point(at, recorded, flow)
    roles = _Roles(at, point, flow, idempotent)
    entries = [_entry(number, visit, roles.of(visit)) for number, visit in enumerate(recorded)]
    upstream = flow.before(at.state) - {at.state}
    # What lay behind the fork point and is gone from the new version is asked for by nobody.
    gone = was.after(at.state) - flow.places.keys()
    served = {entry.state for entry in entries if entry.role is Role.SERVE} - gone
    findings = (*_changed(was, flow, upstream | served), *roles.unknown(recorded))
    return ForkPlan(at, point, tuple(entries), tuple(sorted(upstream)), findings)


def _position(parent: Run, request: ForkRequest) -> Position:
    if request.at:
        return parse_position(request.at)
    if parent.failed is None or not parent.failed.state:
        raise BadRequest(
            f"the record of run {parent.id} does not name a state that failed",
            where="at",
            code="fork-point-missing",
            next_step="Specify where to fork: --at STATE",
        )
    return Position(parent.failed.state, parent.failed.index)


def _point(at: Position, recorded: Sequence[Visit], flow: Flow) -> Visit | None:
    if at.state not in flow.places:
        known = ", ".join(sorted(flow.places)[:SHOWN])
        raise NotFound(
            f"the workflow has no state {at.state!r}",
            where="at",
            code="unknown-state",
            next_step=f"Choose one of: {known}",
        )
    here = [visit for visit in recorded if visit.record.state == at.state]
    fits = [visit for visit in here if at.index is None or visit.record.index == at.index]
    if at.ordinal is not None:
        fits = fits[at.ordinal - 1 : at.ordinal] if at.ordinal else []
    if here and not fits:
        raise NotFound(
            f"{at} was not visited", where="at", code="unknown-state", next_step=f"Choose one of: {_choices(here)}"
        )
    failed = [visit for visit in fits if visit.failed or not visit.ended]
    if len(fits) > 1 and not failed:
        raise BadRequest(
            f"{at.state} was visited {len(fits)} times",
            where="at",
            code="fork-point-ambiguous",
            next_step=f"Choose one of: {_choices(fits)}",
        )
    return (failed or fits or [None])[0]


def _choices(here: Sequence[Visit]) -> str:
    names: list[str] = []
    for visit in here:
        same = [other for other in here if other.record.index == visit.record.index]
        ordinal = same.index(visit) + 1 if len(same) > 1 else None
        names.append(str(Position(visit.record.state, visit.record.index, ordinal)))
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")


class _Roles:
    """Decides the role of each visit, by where it lies from the fork point."""

    def __init__(self, at: Position, point: Visit | None, flow: Flow, idempotent: frozenset[str]) -> None:
        place = flow.places[at.state]
        self.point = point
        self.flow = flow
        self.idempotent = idempotent
        self.after = flow.after(at.state)
        self.before = flow.before(at.state)
        self.same_item = flow.same_item(at.state)
        self.unsure: frozenset[str] = frozenset()
        if len(place.maps) > 1:
            self.unsure |= flow.within(place.maps[0])
        if flow.loops(at.state):
            self.unsure |= flow.within(place.around[0])

    def of(self, visit: Visit) -> Role:
        """The role of a recorded visit."""
        if visit is self.point:
            return Role.AT
        if self._is_sibling(visit):
            return self._sibling(visit)
        if visit.record.state in self.after and not self._was_earlier(visit):
            return Role.EITHER if self.point is None or visit.record.state in self.unsure else Role.RUN
        return self._sibling(visit) if visit.record.state not in self.before else self._ended(visit)

    def unknown(self, recorded: Sequence[Visit]) -> list[Finding]:
        """A finding for each step that began, whose end nobody knows, and that the fork would run again."""
        return [
            Finding(
                code="fork.unknown-end",
                where=str(Position(visit.record.state, visit.record.index)),
                what="the step began, and its end is not known; the fork would run it again",
                fix="Accept it (--accept fork.unknown-end), or declare the step idempotent.",
            )
            for visit in recorded
            if not visit.ended and visit is not self.point and visit.record.step not in self.idempotent
        ]

    def _is_sibling(self, visit: Visit) -> bool:
        """Whether it belongs to another item of the same Map."""
        point = self.point
        return (
            point is not None
            and visit.record.state in self.same_item
            and visit.record.index != point.record.index
            and not self.flow.loops(visit.record.state)
        )

    def _was_earlier(self, visit: Visit) -> bool:
        return self.point is not None and visit.record.entered < self.point.record.entered

    def _sibling(self, visit: Visit) -> Role:
        """A failure that nothing caught may have ended the run as much as the fork point did: it runs again."""
        error = visit.record.error
        if visit.failed and error is not None and not self.flow.catches(visit.record.state, error.name):
            return Role.RUN
        return self._ended(visit)

    def _ended(self, visit: Visit) -> Role:
        return Role.SERVE if visit.ended else Role.RUN


def _entry(ordinal: int, visit: Visit, role: Role) -> ReuseEntry:
    record = visit.record
    return ReuseEntry(
        ordinal=ordinal,
        state=record.state,
        index=record.index,
        digest=visit.digest,
        role=role,
        record=visit.key,
        visit=visit.key.rsplit("#", 1)[0],
    )


def _changed(was: Flow, flow: Flow, names: Iterable[str]) -> list[Finding]:
    """A finding for each state before the fork point that is not what it was."""
    before, now = was.shape(), flow.shape()
    return [
        Finding(
            code="fork.graph",
            where=name,
            what="the state does not exist any more" if name not in now else "the state or one after it changed",
            fix="Accept it (--accept fork.graph), or fork at an earlier state.",
        )
        for name in sorted(names)
        if before.get(name) != now.get(name)
    ]
