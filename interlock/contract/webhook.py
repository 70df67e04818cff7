"""Webhooks: events of a tenant for systems outside, signed by Standard Webhooks.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from interlock.contract.core.base import Document, Json, Model, Moment, TenantId
from interlock.contract.core.names import PREFIX
from interlock.contract.core.validation import shaped
from interlock.contract.event import pattern_of
from interlock.contract.run import Body

MAX_WEBHOOKS = 20
"""Of a tenant: each is a rule on its bus, of which there may be 300, and installs need them too."""
RETRY_SECONDS = (5, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 37_800)
"""What a failed delivery waits before the next attempt: 24 h 21 min in all, and up to a tenth more."""
FAILING_HOURS = 24
"""A webhook is disabled when all its deliveries failed for this long."""
OVERLAP_HOURS = 24
"""After a rotation both secrets sign for so long, unless another time is given."""
MAX_OVERLAP_HOURS = 168
ANSWER_BYTES = 500
"""Kept of what a receiver answers."""
DELIVERY_DAYS = 30
TEST_EVENT = "webhook.test"

EventMatch = Annotated[
    str,
    shaped(
        r"^(\*|[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,3}(\.\*)?)$",
        "an event such as run.failed, or asset.*, or *",
        max_length=120,
    ),
]
"""An event's name, the beginning of one (`asset.*`), or `*`."""


DELIVERIES_AT_ONCE = 5
"""Of a tenant: a quarter of DELIVERERS, so that no three of them can delay the others' (ADR 0027)."""
DELIVERERS = 20
"""Deliveries of all tenants at the same time, each in a call of its own."""
SENDER_SECONDS = 30
"""The timeout of a call that delivers: 10 s are the receiver's. A place that a crash left occupied is free after it."""
MAX_DEFERRALS = 10_080
"""How often a delivery waits for one of its tenant's places, about a week: then it has failed."""
FIRST_DEFER_SECONDS, LONGEST_DEFER_SECONDS = 4, 60
"""What a delivery waits at first, and at last, for one of its tenant's places."""


class WebhookStatus(StrEnum):
    """A disabled webhook gets no deliveries until a person enables it."""

    ACTIVE = "active"
    DISABLED = "disabled"


class NewWebhook(Model):
    """What a tenant asks for."""

    url: Annotated[str, StringConstraints(max_length=2_000)]
    events: Annotated[tuple[EventMatch, ...], Field(min_length=1, max_length=10)]
    where: dict[str, Json] = Field(default_factory=dict)
    """An EventBridge pattern on the detail."""


class Webhook(Document):
    """A subscription of a tenant. Its signing secrets are in Secrets Manager."""

    id: str
    tenant: TenantId
    url: str
    events: tuple[EventMatch, ...]
    where: dict[str, Json] = Field(default_factory=dict)
    status: WebhookStatus = WebhookStatus.ACTIVE
    why: str = ""
    """Why it is disabled."""
    created: Moment
    by: str
    failing_since: Moment | None = None
    """When the first of an unbroken row of failures was."""
    rotated: Moment | None = None

    @property
    def rule(self) -> str:
        """The rule on the tenant's bus."""
        return f"hook-{self.id}"

    def pattern(self) -> dict[str, Any]:
        """The EventBridge pattern, each name from its sources alone; the tenant is fixed by the bus."""
        return pattern_of(self.events, self.where)


class WebhookSecrets(Document):
    """The signing secrets of a webhook; the older one signs too until `until`. In Secrets Manager only."""

    current: str = Field(repr=False)
    previous: str = Field(default="", repr=False)
    until: Moment | None = None


class WebhookWithSecret(Document):
    """A webhook whose secret was just made; it is shown this once."""

    webhook: Webhook
    secret: str = Field(repr=False)


class Attempt(Document):
    """One try of a delivery."""

    at: Moment
    status: int = 0
    """The HTTP status; 0 where there was no answer."""
    duration_ms: float = 0.0
    error: str = ""
    answer: str = ""
    """The beginning of what was answered."""
    retry_after: int = 0
    """The seconds that the receiver asked to wait."""

    @property
    def ok(self) -> bool:
        """Whether the receiver took it."""
        return 200 <= self.status < 300


class DeliveryStatus(StrEnum):
    """`waiting` for its first or next attempt; `failed` ones can be delivered again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(Document):
    """One event on its way to one webhook."""

    id: str
    """Sent as `webhook-id`, the same in every attempt: receivers dedupe by it."""
    webhook: str
    tenant: TenantId
    event: str
    created: Moment
    status: DeliveryStatus = DeliveryStatus.WAITING
    attempts: tuple[Attempt, ...] = ()
    round: int = 0
    """Attempts before this number were of an earlier round: it was redelivered since."""
    next: Moment | None = None
    body: Body

    @property
    def tried(self) -> int:
        """Attempts of this round."""
        return len(self.attempts) - self.round


class WebhookMessage(Document):
    """What stands on the queue of webhooks: an event as the rule's target put it there, or a delivery to try again."""

    tenant: TenantId
    webhook: str
    event: dict[str, Any] | None = None
    delivery: str = ""
    deferred: int = 0
    """How often it found no place among its tenant's deliveries."""


class WebhookList(Model):
    """A tenant's webhooks."""

    webhooks: tuple[Webhook, ...]


class DeliveryPage(Model):
    """One page of deliveries, or of the deliveries that are sent again."""

    deliveries: tuple[WebhookDelivery, ...]
    cursor: str | None = None


class SecretRotation(Document):
    """For how long the old secret signs beside the new one."""

    overlap_hours: int = OVERLAP_HOURS


def delivery_id(webhook: str, change: str) -> str:
    """The id of an event's delivery: the same event is one delivery, however often the bus brings it."""
    return "msg_" + hashlib.sha256(f"{webhook}\x1f{change}".encode()).hexdigest()[:26]


def secret_name(tenant: str, webhook: str) -> str:
    """The name of a webhook's secrets in Secrets Manager."""
    return f"{PREFIX}/{tenant}/webhook-{webhook}"
