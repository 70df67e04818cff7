"""The settings of each function: one model for each, which reads the `INTERLOCK_*` environment variables.

The stacks use the same models (`environment`), so each variable that is set is read, and the reverse.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from interlock.contract.core.base import Document

VARIABLE_PREFIX = "INTERLOCK_"


class Settings(Document):
    """The base of all settings: the variable of a field `runs_table` is `INTERLOCK_RUNS_TABLE`."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables.

        Raises:
            pydantic.ValidationError: a variable is missing.
        """
        names = {f"{VARIABLE_PREFIX}{name.upper()}": name for name in cls.model_fields}
        return cls.model_validate({name: environment[key] for key, name in names.items() if key in environment})

    def environment(self) -> dict[str, str]:
        """Return the variables from which `read` makes the same settings."""
        return {f"{VARIABLE_PREFIX}{name.upper()}": str(value) for name, value in self.model_dump().items()}


class GateSettings(Settings):
    """The settings of `gate`, which every step passes."""

    runs_table: str
    registry_table: str
    data_bucket: str
    ticket_secret: str
    api_id: str
    api_url: str
    api_host: str = ""
    endpoint_url: str = ""


class PauseSettings(Settings):
    """The settings of `pause`, which records that a run is paused."""

    runs_table: str


class ApproveSettings(Settings):
    """The settings of `approve` and `maintain_approvals`."""

    runs_table: str


class WebhookSettings(Settings):
    """The settings of `send_webhook` and `retry_webhooks`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    webhook_queue: str
    loopback: bool = False
    """See `AlertSettings.loopback`."""


class PlatformStepSettings(Settings):
    """The settings of `platform_step`, which runs the platform's own steps."""

    loopback: bool = False
    """See `AlertSettings.loopback`."""


class StartSettings(Settings):
    """The settings of `start_run`, which starts a run for each message on the queue."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    machine_prefix: str
    start_queue: str
    signing_key: str
    gate: str
    """The gate's function: it checks the edited inputs of a fork job."""
    alert_queue: str = ""


class DeadLetterSettings(Settings):
    """The settings of `record_dead_letter`, which stores starts that failed in every delivery."""

    runs_table: str
    registry_table: str
    data_bucket: str


class FinishSettings(Settings):
    """The settings of `finish_run` and `sweep_runs`."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    start_queue: str
    alert_queue: str = ""
    trace_rate: Annotated[float, Field(ge=0, le=1)] = 1.0


class UsageSettings(Settings):
    """The settings of `roll_up_usage`, which sums up the usage by day and month."""

    runs_table: str
    registry_table: str
    data_bucket: str


class AlertSettings(Settings):
    """The settings of `send_alert`."""

    registry_table: str
    runs_table: str
    alert_queue: str
    loopback: bool = False
    """Whether a webhook may be on this machine; true on the local platform only."""


class StreamSettings(Settings):
    """The settings of `publish_changes`, which publishes changes of a catalog table on the tenant's bus."""

    runs_table: str
    data_bucket: str


class EventLogSettings(Settings):
    """The settings of `log_events`, which archives the tenants' events."""

    runs_table: str
    data_bucket: str


class AuthorizeSettings(Settings):
    """The settings of `authorize`, which checks the callers of the control API."""

    user_pool: str
    jwks_url: str
    issuer: str
    oidc_issuer: str = "https://token.actions.githubusercontent.com"
    """Another accepted issuer of tokens. Its principals are members only where a trust names them."""
    oidc_jwks_url: str = "https://token.actions.githubusercontent.com/.well-known/jwks"
    oidc_audience: str = "interlock"


class InstallSettings(Settings):
    """The settings of all functions that change installs: `api`, `lifecycle`, `maintain_installs`."""

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
    """The settings of `lifecycle` and `maintain_installs`."""

    user_pool: str


class ApiSettings(InstallSettings):
    """The settings of `api`, the control API."""

    artifact_bucket: str
    start_queue: str
    user_pool: str
    token_url: str
    onboard_machine: str
    target_python: str
    target_architecture: str
    gate: str
    pause: str
    dns_url: str = "https://dns.google/resolve"
    """The resolver of TXT records, by DNS over HTTPS in JSON."""
    console: str = ""
    """The URL of a trace in the AWS console, without the trace's id; empty on the embedded engine."""
    loopback_alerts: bool = False
    """See `AlertSettings.loopback`."""
    webhook_queue: str = ""
    webhook_queue_arn: str = ""
    network: bool = False
    """Whether a firewall holds steps to the hosts that apps declare."""


class McpSettings(Settings):
    """The settings of `mcp`, the endpoint of the copilots."""

    runs_table: str
    registry_table: str
    data_bucket: str
    artifact_bucket: str
    start_queue: str
    gate: str


class RuntimeApiSettings(Settings):
    """The settings of `runtime_api`, which steps call."""

    ticket_secret: str
    runs_table: str
    registry_table: str


class ConverseSettings(RuntimeApiSettings):
    """The settings of `converse`, which calls the language model for steps (docs/models.md)."""

    model: str = ""
    """The id of a model or inference profile of Bedrock, or the model's name at `model_url`. Empty: there is none."""
    model_price: str = ""
    """Dollars for a million tokens in and out, such as `3/15`. Empty: the price is unknown."""
    model_url: str = ""
    """The base of an endpoint that speaks OpenAI's chat completions. Empty: Bedrock."""
    model_key: str = Field(default="", repr=False)
    """The bearer token of `model_url`. No stack sets it: it is in the environment of `interlock up` alone."""


class UploadArrivedSettings(Settings):
    """The settings of `upload_arrived`, which starts the publish machine for each upload."""

    publish_machine: str


class PublishSettings(Settings):
    """The settings of the tasks in `statemachines/publish`."""

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
    subnets: str = ""
    """The subnets of steps, joined by commas; empty where the deployment has no network of its own."""
    security_group: str = ""
    domain_list: str = ""
    """DNS Firewall's list of declared hosts."""
    rule_group: str = ""
    """Network Firewall's list of declared hosts."""
    auto_review: bool = False
    """Whether versions are approved without a reviewer, as on the local platform."""


class OnboardSettings(Settings):
    """The settings of the tasks in `statemachines/onboard`."""

    registry_table: str
    data_bucket: str
    gate_role: str
    stream_function: str
    event_log_queue: str
    api_id: str
    access_boundary: str
    change_letters: str
    rule_letters: str
    deploy_role: str
