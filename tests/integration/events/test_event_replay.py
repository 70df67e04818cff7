"""Replays from the archive to one install; poison of the catalog's stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.tables.event_log import EventLog
from interlock.aws.tables.table import Stored
from interlock.contract.core import limits
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, Failure
from interlock.contract.dead_letter import DeadState
from interlock.contract.event_replay import EventReplayRequest, EventReplayStatus
from interlock.contract.install import InstallRequest
from interlock.contract.start_message import EVENT_REPLAY, StartMessage, run_of
from interlock.control.events import event_replay as module
from interlock.control.events.dead_letters import DeadLetterContext, list_dead, redrive_dead
from interlock.control.events.event_replay import (
    EventReplayContext,
    request_event_replay,
    serve_event_replay,
    show_event_replay,
)
from interlock.control.events.events import record_event, serve_change
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.records import received

NOW = datetime.now(UTC)
EVENTS = 250
"""More than two pages."""


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    grant = ("catalog:read", "secret:key", "state")
    return cloud.install(InstallRequest(app="acme/app", grant=grant)).id


@pytest.fixture
def replayer(cloud: Cloud) -> EventReplayContext:
    return EventReplayContext(table="runs", bucket=cloud.bucket, registry=cloud.registry, queue=cloud.queue)


def archived(cloud: Cloud, number: int, at: datetime, **data: Any) -> None:
    detail = {"id": f"change-{number}", "tenant": TENANT, "type": "guest.arrived", "data": data}
    event = {"id": "x", "source": "interlock.user", "detail-type": "guest.arrived", "time": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    record_event(EventLog("runs", cloud.bucket), event | {"detail": detail})


def served(cloud: Cloud, replayer: EventReplayContext) -> list[StartMessage]:
    """Serve the replay's own messages until none is left; the starts that it sent."""
    starts: list[StartMessage] = []
    while bodies := received(cloud.queue):
        for message in map(StartMessage.model_validate_json, bodies):
            if message.kind == EVENT_REPLAY:
                serve_event_replay(message, replayer)
            else:
                starts.append(message)
    return starts


def asked(install: str, **fields: Any) -> EventReplayRequest:
    base = {"install": install, "since": moment(NOW - timedelta(hours=5)), "until": moment(NOW)}
    return EventReplayRequest.model_validate(base | fields)


def test_a_replay_goes_to_one_install_and_twice_is_once(
    cloud: Cloud, install: str, replayer: EventReplayContext
) -> None:
    for number in range(EVENTS):
        archived(cloud, number, NOW - timedelta(minutes=number), n=number, pad="x" * (20_000 if number == 7 else 1))
    archived(cloud, 999, NOW - timedelta(hours=9))
    dry = request_event_replay(replayer, TENANT, asked(install, dry=True), "me")
    assert served(cloud, replayer) == []
    counted = show_event_replay(replayer, TENANT, dry.id)
    assert (counted.status, counted.seen, counted.matched, counted.starts) == (
        EventReplayStatus.DONE,
        EVENTS,
        EVENTS,
        EVENTS,
    )
    begun = request_event_replay(replayer, TENANT, asked(install), "me")
    starts = served(cloud, replayer)
    assert {start.install for start in starts} == {install}
    assert len({run_of(start) for start in starts}) == len(starts) == EVENTS
    assert max(len(start.detail["data"]["pad"]) for start in starts) == 20_000
    assert request_event_replay(replayer, TENANT, asked(install), "me").id == begun.id
    assert served(cloud, replayer) == []
    few = asked(install, where={"data": {"n": [{"numeric": ["<", 10]}]}})
    request_event_replay(replayer, TENANT, few, "me")
    assert len(served(cloud, replayer)) == 10


def test_a_replay_that_dies_between_pages_counts_each_event_once(
    cloud: Cloud, install: str, replayer: EventReplayContext
) -> None:
    for number in range(EVENTS):
        archived(cloud, number, NOW - timedelta(seconds=number))
    begun = request_event_replay(replayer, TENANT, asked(install), "me")
    (body,) = received(cloud.queue)
    message = StartMessage.model_validate_json(body)
    table = replayer.replays
    stored = table.find(TENANT, begun.id)
    halfway = module.next_page(stored.item, replayer)
    received(cloud.queue)
    serve_event_replay(message, replayer)
    with pytest.raises(Failure):
        table.write(Stored(item=halfway, rev=stored.rev))
    served(cloud, replayer)
    ended = show_event_replay(replayer, TENANT, begun.id)
    assert (ended.status, ended.seen, ended.starts) == (EventReplayStatus.DONE, EVENTS, EVENTS)


@pytest.mark.parametrize(
    "fields",
    [
        {"since": moment(NOW), "until": moment(NOW - timedelta(hours=1))},
        {"since": moment(NOW - timedelta(days=limits.EVENT_DAYS + 1))},
        {"where": {"data": [{"cidr": "10.0.0.0/8"}]}},
    ],
)
def test_a_replay_of_nonsense_is_refused(
    cloud: Cloud, install: str, replayer: EventReplayContext, fields: dict[str, Any]
) -> None:
    with pytest.raises(BadRequest):
        request_event_replay(replayer, TENANT, asked(install, **fields), "me")


def test_a_poison_change_is_a_letter_and_aws_errors_come_again(cloud: Cloud) -> None:
    desk = DeadLetterContext(runs=cloud.runs, bucket=cloud.bucket, queue=cloud.queue)
    poison = {"pk": {"S": "HIST#a"}, "sk": {"S": "01"}, "doc": {"S": "{}"}}
    for _ in range(2):
        serve_change(TENANT, poison, cloud.runs, cloud.bucket)
    (result,) = list_dead(desk, TENANT, DeadState.DEAD).letters
    assert (result.code, result.count, result.event_id) == ("event.unpublished", 2, "01")
    with pytest.raises(Failure):
        redrive_dead(desk, TENANT, result.id, "me")
