"""Event replays: the archived events of a time are sent to one install again, page by page over the queue of starts.

The id of a replay is made of its request, and the ids of its starts are made of that id: a repeated request or delivery
starts nothing twice. The position is written together with the counts, so that a page is counted once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlock.aws.services import queues
from interlock.aws.tables.event_log import EventLog
from interlock.aws.tables.event_replays import EventReplays
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.contract.core import limits, names
from interlock.contract.core.base import now, parse_moment
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.event_pattern import faults, matches
from interlock.contract.event_replay import EventReplay, EventReplayRequest, EventReplayStatus
from interlock.contract.logged_event import LoggedEvent
from interlock.contract.manifest import EventTrigger
from interlock.contract.payload import canonical
from interlock.contract.registry import InstallStatus
from interlock.contract.start_message import EVENT_REPLAY, StartMessage
from interlock.contract.trigger import event_pattern

PAGE = 100
PAGES = 5
"""So many pages a message: then the next message goes on, well before the function's time is over."""
HOUR = timedelta(hours=1)
HOUR_FORMAT = "%Y-%m-%dT%H"


@dataclass(frozen=True)
class EventReplayContext:
    """What replaying works with."""

    table: str
    """The table of runs."""
    bucket: str
    registry: Registry
    queue: str

    @property
    def replays(self) -> EventReplays:
        """The replays."""
        return EventReplays(self.table)

    @property
    def archive(self) -> EventLog:
        """The archived events."""
        return EventLog(self.table, self.bucket)


Trigger = tuple[str, EventTrigger]
"""A workflow and its trigger."""


def request_event_replay(context: EventReplayContext, tenant: str, request: EventReplayRequest, by: str) -> EventReplay:
    """Begin a replay. The same request and key again answer the same replay.

    Raises:
        NotFound: no such install.
        BadRequest: the time or the pattern is off, or the install has no event trigger.
        Conflict: the install is not active.
    """
    install = context.registry.install(tenant, request.install).item
    if install.status is not InstallStatus.ACTIVE:
        raise Conflict(f"the install is {install.status.value}", where=install.id, next_step="interlock install list")
    wrong = [*faults(request.where, "where")] if request.where else []
    if wrong:
        raise BadRequest(wrong[0], where="where", code="bad-pattern", next_step="See docs/reliability.md.")
    begin, end = _times(request)
    if not _triggers(context.registry, install.app, install.version):
        raise BadRequest("the install has no event trigger", where=install.id, next_step="interlock install list")
    fields = {"key": request.key, "dry": request.dry} if request.key else request.model_dump(mode="json")
    replay = names.run_id(tenant, request.install, canonical(fields))
    first = begin.replace(minute=0, second=0, microsecond=0)
    fresh = EventReplay(
        id=replay,
        tenant=tenant,
        request=request,
        hour=first.strftime(HOUR_FORMAT),
        hours=int((end - first) / HOUR) + 1,
        started=now(),
        by=by,
    )
    try:
        context.replays.write(Stored(item=fresh))
    except Conflict:
        fresh = context.replays.find(tenant, replay).item
    if fresh.status is EventReplayStatus.RUNNING:
        queues.send(context.queue, _message(fresh).model_dump_json(), fresh.tenant)
    return fresh


def show_event_replay(context: EventReplayContext, tenant: str, replay: str) -> EventReplay:
    """A replay and its progress. NotFound if there is none."""
    return context.replays.find(tenant, replay).item


def serve_event_replay(message: StartMessage, context: EventReplayContext) -> EventReplay:
    """Send some pages of a replay, then a message that continues it.

    A second delivery continues at the recorded position.
    """
    for _ in range(PAGES):
        stored = context.replays.find(message.tenant, message.id)
        replay = stored.item
        if replay.status is EventReplayStatus.DONE:
            return replay
        try:
            context.replays.write(Stored(item=next_page(replay, context), rev=stored.rev))
        except Conflict:
            # Another delivery goes on with it: what this one sent, the dedupe of starts knows.
            return replay
    replay = context.replays.find(message.tenant, message.id).item
    if replay.status is EventReplayStatus.RUNNING:
        queues.send(context.queue, message.model_dump_json(), message.tenant)
    return replay


def next_page(replay: EventReplay, context: EventReplayContext) -> EventReplay:
    """Send one page of the archive, and return the replay after it."""
    install = context.registry.install(replay.tenant, replay.request.install).item
    triggers = _triggers(context.registry, install.app, install.version)
    rows, more = context.archive.page(replay.tenant, replay.hour, replay.after, PAGE)
    matched, bodies = 0, list[str]()
    for _, event in rows:
        starts = [start.model_dump_json() for start in _starts(replay, event, triggers, context)]
        matched += bool(starts)
        bodies += starts
    for body in () if replay.request.dry else bodies:
        queues.send(context.queue, body, replay.tenant)
    fields: dict[str, object] = {
        "seen": replay.seen + len(rows),
        "matched": replay.matched + matched,
        "starts": replay.starts + len(bodies),
    }
    if more and rows:
        return replay.model_copy(update=fields | {"after": rows[-1][0]})
    read = replay.hours_read + 1
    hour = datetime.strptime(replay.hour, HOUR_FORMAT).replace(tzinfo=UTC) + HOUR
    fields |= {"hours_read": read, "hour": hour.strftime(HOUR_FORMAT), "after": ""}
    if read >= replay.hours:
        fields |= {"status": EventReplayStatus.DONE, "ended": now()}
    return replay.model_copy(update=fields)


def _starts(
    replay: EventReplay, event: LoggedEvent, triggers: list[Trigger], context: EventReplayContext
) -> Iterator[StartMessage]:
    """A start for each trigger of the install that the event matches."""
    request = replay.request
    at = parse_moment(event.time)
    if not parse_moment(request.since) <= at <= parse_moment(request.until) or request.name not in (None, event.name):
        return
    mine = [(workflow, trigger) for workflow, trigger in triggers if trigger.event == event.name]
    if not mine:
        return
    detail = context.archive.detail(replay.tenant, event)
    if not matches(request.where, detail):
        return
    whole = event.whole(detail)
    for workflow, trigger in mine:
        if matches(event_pattern(trigger), whole):
            yield StartMessage(
                tenant=replay.tenant,
                install=request.install,
                workflow=workflow,
                trigger=trigger.name,
                kind="event",
                event=whole,
                replay=replay.id,
                actor=replay.by,
            )


def _triggers(registry: Registry, app: str, version: str) -> list[Trigger]:
    manifest = registry.version(app, version).item.manifest
    if manifest is None:
        return []
    sections = manifest.workflows.items()
    return [(name, row) for name, section in sections for row in section.triggers if isinstance(row, EventTrigger)]


def _times(request: EventReplayRequest) -> tuple[datetime, datetime]:
    begin, end, now = parse_moment(request.since), parse_moment(request.until), datetime.now(UTC)
    if not begin < end:
        raise BadRequest("`since` must be before `until`", where="since", next_step="Exchange the two times.")
    # An hour more: a time of `30d` ago was counted before the request came here, and the archive is read by hours.
    if begin < now - timedelta(days=limits.EVENT_DAYS) - HOUR:
        days = f"events are kept for {limits.EVENT_DAYS} days"
        raise BadRequest(days, where="since", code="archive-too-old", next_step="Begin later.")
    return begin, min(end, now)


def _message(replay: EventReplay) -> StartMessage:
    return StartMessage(
        tenant=replay.tenant,
        install=replay.request.install,
        workflow="",
        trigger=EVENT_REPLAY,
        kind=EVENT_REPLAY,
        id=replay.id,
        actor=replay.by,
    )
