"""What a tenant is shown before it installs an app."""

from interlock.contract.core.base import AppId, Document, Json, Semver


class Ask(Document):
    """One thing to consent to."""

    scope: str
    words: str
    """For people."""


class Estimate(Document):
    """What runs of a workflow about cost: its Tasks once each, a second a step, list prices (contract.prices)."""

    workflow: str
    dollars_per_1000_runs: float


class ConsentSheet(Document):
    """An app's version as a tenant would install it."""

    app: AppId
    version: Semver
    title: str
    summary: str = ""
    scopes: tuple[Ask, ...] = ()
    egress: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    """`workflow: event guest.arrived`, `workflow: schedule rate(1 day)`, `workflow: tool greet`."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets that the tenant gives it."""
    config_schema: dict[str, Json] | None = None
    """The form of its config, as JSON Schema."""
    estimates: tuple[Estimate, ...] = ()
