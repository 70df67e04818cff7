"""How much a tenant, and each of its installs, may have at once: one that wants more waits, its neighbours do not."""

from pydantic import Field

from interlock.contract.core.base import Document


class Quotas(Document):
    """The figures of one tenant or install; the operator changes a tenant's, a tenant those of its installs."""

    concurrent_runs: int = Field(default=200, ge=1)
    """Runs under way; more starts wait."""
    parallel_steps: int = Field(default=200, ge=1)
    """Steps inside a Map or a Parallel that run at the same time; more wait. Other steps are at most one a run."""
    starts_per_minute: int = Field(default=600, ge=1)
    """Runs begun; by the API more are refused with 429, events and schedules wait."""
    events_per_minute: int = Field(default=3_000, ge=1)
    """Events emitted by steps and sent by the API; more are refused with 429."""
    step_seconds_per_day: int = Field(default=86_400, ge=1)
    """Seconds of step functions; past them a step fails as `Interlock.QuotaExceeded` until the next day (UTC)."""
    model_tokens_per_day: int = Field(default=2_000_000, ge=1)
    """Tokens of `ctx.model`, in and out; past them a call fails as `ModelTokensExceeded` until the next day (UTC)."""
    storage_bytes: int = Field(default=10 * 1024**3, ge=1)
    """`ctx.state`, weighed once a day; past it nothing more is stored until it is less."""


TENANT_DEFAULT = Quotas.model_construct(
    concurrent_runs=1_000,
    parallel_steps=400,
    starts_per_minute=3_000,
    events_per_minute=15_000,
    step_seconds_per_day=864_000,
    model_tokens_per_day=10_000_000,
    storage_bytes=100 * 1024**3,
)
INSTALL_DEFAULT = Quotas.model_construct()


class QuotaLine(Document):
    """A quota of a tenant (`install` is empty) or of an install, and what is in use."""

    install: str = ""
    app: str = ""
    install_name: str = ""
    quotas: Quotas
    runs_under_way: int = 0
    steps_under_way: int = 0
    """Inside a Map or a Parallel."""
    step_seconds_today: float = 0.0
    model_tokens_today: int = 0
    stored_bytes: int = 0


class QuotaReport(Document):
    """A tenant's line, then those of its installs."""

    lines: tuple[QuotaLine, ...]
