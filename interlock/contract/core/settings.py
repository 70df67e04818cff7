"""What each function reads from its environment: one model for each, filled from `INTERLOCK_*` variables.

The stacks write the same models (`environment`), so a variable cannot be set and not read, or read and not set.
"""

import os
from collections.abc import Mapping
from typing import Self

from interlock.contract.core.base import Document

VARIABLE_PREFIX = "INTERLOCK_"


class Settings(Document):
    """The base: a field `runs_table` is the variable `INTERLOCK_RUNS_TABLE`."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables.

        Raises:
            pydantic.ValidationError: one is missing.
        """
        names = {f"{VARIABLE_PREFIX}{name.upper()}": name for name in cls.model_fields}
        return cls.model_validate({name: environment[key] for key, name in names.items() if key in environment})

    def environment(self) -> dict[str, str]:
        """The variables that `read` reads back."""
        return {f"{VARIABLE_PREFIX}{name.upper()}": str(value) for name, value in self.model_dump().items()}


class GateSettings(Settings):
    """`gate`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    ticket_secret: str
    api_id: str
    api_url: str
    api_host: str = ""
    endpoint_url: str = ""


class PauseSettings(Settings):
    """`pause`."""

    runs_table: str


class ApproveSettings(Settings):
    """`approve` and `maintain_approvals`."""

    runs_table: str


class WebhookSettings(Settings):
    """`send_webhook` and `retry_webhooks`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    webhook_queue: str
    loopback: bool = False
    """See `AlertSettings.loopback`."""


class PlatformStepSettings(Settings):
    """`platform_step`."""

    loopback: bool = False
    """See `AlertSettings.loopback`."""


class StartSettings(Settings):
    """`start_run`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    machine_prefix: str
    start_queue: str
    signing_key: str
    alert_queue: str = ""


class DeadLetterSettings(Settings):
    """`record_dead_letter`: starts that no delivery could serve."""

    runs_table: str
    registry_table: str
    data_bucket: str


class FinishSettings(Settings):
    """`finish_run` and `sweep_runs`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    start_queue: str
    alert_queue: str = ""


class UsageSettings(Settings):
    """`roll_up_usage`: the clock of usage."""

    runs_table: str
    registry_table: str
    data_bucket: str


class AlertSettings(Settings):
    """`send_alert`."""

    registry_table: str
    loopback: bool = False
    """Whether a webhook may be on this machine: on the local platform only."""


class StreamSettings(Settings):
    """`publish_changes`: from a catalog table's stream to the tenant's bus, or to a dead letter."""

    runs_table: str
    data_bucket: str


class EventLogSettings(Settings):
    """`log_events`: the archive of the tenants' events."""

    runs_table: str
    data_bucket: str


class AuthorizeSettings(Settings):
    """`authorize`: who calls the control API."""

    user_pool: str
    jwks_url: str
    issuer: str
    oidc_issuer: str = "https://token.actions.githubusercontent.com"
    """Another issuer whose tokens are let in, as principals that only a trust makes a member of anything."""
    oidc_jwks_url: str = "https://token.actions.githubusercontent.com/.well-known/jwks"
    oidc_audience: str = "interlock"


class InstallSettings(Settings):
    """What changes of installs work with: `api`, `lifecycle`, `maintain_installs`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    start_queue_arn: str
    schedule_role: str
    schedule_group: str
    partition: str
    region: str
    account: str
    api_id: str
    install_machine: str
    upgrade_machine: str
    uninstall_machine: str
    offboard_machine: str
    rollout_machine: str
    signing_key: str


class LifecycleSettings(InstallSettings):
    """`lifecycle` and `maintain_installs`."""

    user_pool: str


class ApiSettings(InstallSettings):
    """`api`: the control API."""

    artifact_bucket: str
    start_queue: str
    user_pool: str
    token_url: str
    onboard_machine: str
    target_python: str
    target_architecture: str
    gate: str
    dns_url: str = "https://dns.google/resolve"
    """Whom to ask for TXT records: DNS over HTTPS, in its JSON form."""
    console: str = ""
    """Where a trace is seen in the AWS console, less its id; empty on the embedded engine."""
    loopback_alerts: bool = False
    """See `AlertSettings.loopback`."""
    webhook_queue: str = ""
    webhook_queue_arn: str = ""


class McpSettings(Settings):
    """`mcp`: the copilots' endpoint."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    start_queue: str
    gate: str


class RuntimeApiSettings(Settings):
    """`runtime_api`: what steps call."""

    ticket_secret: str
    runs_table: str
    registry_table: str


class UploadArrivedSettings(Settings):
    """`upload_arrived`: from an upload's arrival to the publish machine."""

    publish_machine: str


class PublishSettings(Settings):
    """The tasks of `statemachines/publish`."""

    registry_table: str
    artifact_bucket: str
    signing_key: str
    gate_arn: str
    pause_arn: str
    machine_role: str
    step_boundary: str
    sdk_layer: str
    target_python: str
    target_architecture: str
    deploy_role: str
    runs_table: str
    data_bucket: str
    start_queue: str
    onboard_machine: str
    auto_review: bool = False
    """Nobody is asked about a version, unless its publisher wants it: the local platform's default."""


class OnboardSettings(Settings):
    """The tasks of `statemachines/onboard`."""

    registry_table: str
    data_bucket: str
    gate_role: str
    stream_function: str
    event_log_queue: str
    api_id: str
    deploy_role: str
