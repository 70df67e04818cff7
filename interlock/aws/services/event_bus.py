"""EventBridge: the tenants' buses and the rules of their installs. The one file that knows the bus (ADR 0009)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.aws.spreading import until_spread
from interlock.contract.core import limits, names
from interlock.contract.core.failure import Conflict, NotFound, TooLarge, Unavailable


def put_event(tenant: str, source: str, name: str, detail: str) -> None:
    """Put one event on a tenant's bus.

    Raises:
        TooLarge: past EventBridge's limit of an entry.
        NotFound: the tenant has no bus, or has none any more.
        Unavailable: EventBridge took it not.
    """
    put_events(tenant, [(source, name, detail)])


def put_events(tenant: str, events: Sequence[tuple[str, str, str]]) -> None:
    """Put events (source, detail-type, detail) on a tenant's bus, ten a call, all or an error.

    Raises:
        NotFound: the tenant has no bus, or has none any more.
        TooLarge: past EventBridge's limit of an entry.
        Unavailable: EventBridge took one not.
    """
    entries: list[dict[str, str]] = []
    for source, name, detail in events:
        if len(detail.encode()) > limits.EVENT_ENTRY_BYTES:
            raise TooLarge(
                "the event is too large for EventBridge", where=name, next_step="Emit less data, or a reference to it."
            )
        entries.append({"EventBusName": names.bus_name(tenant), "Source": source, "DetailType": name, "Detail": detail})
    for at in range(0, len(entries), limits.EVENTS_PER_PUT):
        try:
            answer = client("events").put_events(Entries=entries[at : at + limits.EVENTS_PER_PUT])
        except client("events").exceptions.ResourceNotFoundException as error:
            raise _no_bus(tenant) from error
        if answer.get("FailedEntryCount"):
            refused = [entry for entry in answer["Entries"] if "ErrorCode" in entry]
            if refused[0]["ErrorCode"] == "ResourceNotFoundException":
                raise _no_bus(tenant)
            raise Unavailable(
                f"EventBridge refused an event: {refused[0].get('ErrorMessage')}", where=tenant, next_step="Try again."
            )


def _no_bus(tenant: str) -> NotFound:
    return NotFound(
        f"the tenant {tenant} has no event bus", where=names.bus_name(tenant), next_step="Look: interlock tenant show"
    )


def put_rule(tenant: str, name: str, pattern: Mapping[str, Any], queue_arn: str, message: Mapping[str, str]) -> None:
    """Route events of a tenant to the queue of starts, with the whole event in the message.

    Raises:
        Conflict: the bus has as many rules as the account's quota allows (300 unless it was raised).
        Unavailable: the target was refused.
    """
    bus = names.bus_name(tenant)
    try:
        client("events").put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern), State="ENABLED")
    except client("events").exceptions.LimitExceededException as error:
        raise Conflict(
            "the tenant's event bus has as many rules as AWS allows",
            where=bus,
            code="bus-full",
            next_step="Remove an install or a webhook, or ask the operator to raise the quota of rules per event bus.",
        ) from error
    transformed = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in message.items())
    target: dict[str, Any] = {
        "Id": "start",
        "Arn": queue_arn,
        "DeadLetterConfig": {"Arn": f"{queue_arn.rpartition(':')[0]}:{names.RULE_LETTERS}"},
        "RetryPolicy": {
            "MaximumRetryAttempts": limits.RULE_ATTEMPTS,
            "MaximumEventAgeInSeconds": limits.RULE_SECONDS,
        },
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_SqsParameters.html (fair queues: ADR 0027)
        "SqsParameters": {"MessageGroupId": tenant},
        "InputTransformer": {"InputTemplate": f'{{{transformed},"event":<aws.events.event.json>}}'},
    }
    answer = until_spread(
        lambda: client("events").put_targets(Rule=name, EventBusName=bus, Targets=[target]),
        lambda code, _: code == "ResourceNotFoundException",
    )
    if answer.get("FailedEntryCount"):
        raise Unavailable(
            f"EventBridge refused a target: {answer['FailedEntries']}", where=name, next_step="Try again."
        )


def delete_rule(tenant: str, name: str) -> None:
    """Delete a rule and its target; absent ones too."""
    bus = names.bus_name(tenant)
    for call, params in (("remove_targets", {"Rule": name, "Ids": ["start"]}), ("delete_rule", {"Name": name})):
        try:
            getattr(client("events"), call)(EventBusName=bus, **params)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise
