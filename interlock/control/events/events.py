"""Events: emitted by apps and users onto the tenant's bus, published from the catalog's changes, kept to be read."""

from collections.abc import Mapping
from typing import Any

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services.event_bus import put_event
from interlock.aws.tables.catalog import change_of
from interlock.aws.tables.event_log import EventLog
from interlock.aws.tables.runs import Runs
from interlock.bounds.json_schema import mismatches
from interlock.contract.core import names
from interlock.contract.core.base import Json, now, parse_moment
from interlock.contract.core.failure import BadRequest, Forbidden, Unavailable
from interlock.contract.envelope import Cause
from interlock.contract.event import (
    APP_SOURCE_PREFIX,
    CATALOG_SOURCE,
    USER_SOURCE,
    AppDetail,
    CatalogDetail,
    is_reserved,
)
from interlock.contract.logged_event import LoggedEvent
from interlock.contract.ticket import Ticket
from interlock.control.events.record_dead_letter import record_change


def emit_for_step(ticket: Ticket, name: str, data: Json, key: str, schemas: Mapping[str, Json]) -> str:
    """Emit an event of an app, in the scope that the tenant granted; the same key, the same change id.

    Args:
        ticket: which run emits.
        name: the event's name.
        data: what it says.
        key: its change id.
        schemas: what the app's version declares of its events.

    Raises:
        Forbidden: the app was not granted `emit:NAME`.
        BadRequest: the data are not what the version declares.
    """
    if f"emit:{name}" not in ticket.granted:
        raise Forbidden(
            f"the app may not emit {name}", where=ticket.app, next_step="Name the event in [permissions] emit."
        )
    _check_name(name)
    if name in schemas:
        faults = mismatches(schemas[name], data)
        if faults:
            raise BadRequest(
                f"event {name} does not match its schema: {faults[0].sentence('the data')}",
                where=ticket.app,
                code="event-schema",
                next_step="Change what the app emits, or the schema: docs/reliability.md.",
            )
    return _emit(ticket.tenant, APP_SOURCE_PREFIX + ticket.app, name, data, key, ticket.cause())


def send_event(tenant: str, name: str, data: Json) -> str:
    """Send an event of a user; its change id.

    Raises:
        BadRequest: the name is one of the platform's.
    """
    _check_name(name)
    return _emit(tenant, USER_SOURCE, name, data, names.ulid(), None)


def publish_change(detail: CatalogDetail) -> None:
    """Put a change of the catalog on the tenant's bus."""
    put_event(detail.tenant, CATALOG_SOURCE, detail.type.value, detail.model_dump_json())


def serve_change(tenant: str, image: dict[str, Any], runs: Runs, bucket: str) -> None:
    """Publish the change that a new item of a catalog table stands for; one that can't be is a dead letter.

    AWS's own errors pass: the stream's record comes again, and those behind it wait, so each asset keeps its order.
    """
    try:
        change = change_of(image)
        if change is not None:
            publish_change(change)
    except (*AWS_ERRORS, Unavailable):
        raise
    except Exception as error:
        plain = {name: value.get("S", "") for name, value in image.items()}
        record_change(tenant, plain, error, runs, bucket)


def record_event(log: EventLog, event: dict[str, Any]) -> None:
    """Keep an event that came over a tenant's bus, for people to read."""
    tenant = str(event["detail"].get("tenant", ""))
    if tenant:
        logged = LoggedEvent(
            id=str(event["detail"].get("id", event["id"])),
            source=event["source"],
            name=event["detail-type"],
            time=event["time"],
            detail=event["detail"],
        )
        log.keep(tenant, logged)


def recent_events(log: EventLog, tenant: str, since: str) -> list[LoggedEvent]:
    """A tenant's events from a moment on, oldest first.

    Raises:
        BadRequest: it is no moment.
    """
    try:
        parse_moment(since)
    except ValueError as error:
        step = "Write 2026-11-23T12:00:00Z."
        raise BadRequest(f"{since!r} is not a time", where="since", next_step=step) from error
    return list(log.since(tenant, since))


def _check_name(name: str) -> None:
    if is_reserved(name):
        raise BadRequest(
            f"{name} is a name of the platform's events",
            where=name,
            code="event-reserved",
            next_step="Begin the name with another word: docs/events.md.",
        )


def _emit(tenant: str, source: str, name: str, data: Json, key: str, cause: Cause | None) -> str:
    detail = AppDetail(id=key, type=name, tenant=tenant, at=now(), data=data, cause=cause)
    put_event(tenant, source, name, detail.model_dump_json())
    return key
