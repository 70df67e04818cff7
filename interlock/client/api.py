"""The typed client of the control API.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from interlock.client.calls import Calls

if TYPE_CHECKING:
    from interlock.client.resources.alerts import AlertsResource
    from interlock.client.resources.app_dead_letters import AppDeadLettersResource
    from interlock.client.resources.approvals import ApprovalsResource
    from interlock.client.resources.assets import AssetsResource
    from interlock.client.resources.budgets import BudgetsResource
    from interlock.client.resources.dead_letters import DeadLettersResource
    from interlock.client.resources.event_replays import EventReplaysResource
    from interlock.client.resources.events import EventsResource
    from interlock.client.resources.fork_jobs import ForkJobsResource
    from interlock.client.resources.install_breakpoints import InstallBreakpointsResource
    from interlock.client.resources.installs import InstallsResource
    from interlock.client.resources.invitations import InvitationsResource
    from interlock.client.resources.kill_switches import KillSwitchesResource
    from interlock.client.resources.listings import ListingsResource
    from interlock.client.resources.logs import LogsResource
    from interlock.client.resources.pauses import PausesResource
    from interlock.client.resources.platform import PlatformResource
    from interlock.client.resources.platform_approvals import PlatformApprovalsResource
    from interlock.client.resources.platform_audit import PlatformAuditResource
    from interlock.client.resources.platform_dead_letters import PlatformDeadLettersResource
    from interlock.client.resources.publisher_audit import PublisherAuditResource
    from interlock.client.resources.publisher_credentials import PublisherCredentialsResource
    from interlock.client.resources.publisher_invitations import PublisherInvitationsResource
    from interlock.client.resources.publisher_members import PublisherMembersResource
    from interlock.client.resources.publisher_support_sessions import PublisherSupportSessionsResource
    from interlock.client.resources.publisher_trusts import PublisherTrustsResource
    from interlock.client.resources.publishers import PublishersResource
    from interlock.client.resources.quotas import QuotasResource
    from interlock.client.resources.recorded_steps import RecordedStepsResource
    from interlock.client.resources.redaction_rules import RedactionRulesResource
    from interlock.client.resources.run_breakpoints import RunBreakpointsResource
    from interlock.client.resources.runs import RunsResource
    from interlock.client.resources.schedules import SchedulesResource
    from interlock.client.resources.support_sessions import SupportSessionsResource
    from interlock.client.resources.tenant_audit import TenantAuditResource
    from interlock.client.resources.tenant_credentials import TenantCredentialsResource
    from interlock.client.resources.tenant_invitations import TenantInvitationsResource
    from interlock.client.resources.tenant_members import TenantMembersResource
    from interlock.client.resources.tenants import TenantsResource
    from interlock.client.resources.tools import ToolsResource
    from interlock.client.resources.triggers import TriggersResource
    from interlock.client.resources.usage import UsageResource
    from interlock.client.resources.verifications import VerificationsResource
    from interlock.client.resources.version_breakpoints import VersionBreakpointsResource
    from interlock.client.resources.versions import VersionsResource
    from interlock.client.resources.views import ViewsResource
    from interlock.client.resources.webhook_deliveries import WebhookDeliveriesResource
    from interlock.client.resources.webhooks import WebhooksResource


class Interlock:
    """The control API, by its resources. A resource is imported when it is used."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    @cached_property
    def alerts(self) -> "AlertsResource":
        """A tenant's alert: the webhook that is notified when a run fails."""
        from interlock.client.resources.alerts import AlertsResource

        return AlertsResource(self._calls)

    @cached_property
    def app_dead_letters(self) -> "AppDeadLettersResource":
        """The dead letters of an app in every tenant, for its publisher."""
        from interlock.client.resources.app_dead_letters import AppDeadLettersResource

        return AppDeadLettersResource(self._calls)

    @cached_property
    def approvals(self) -> "ApprovalsResource":
        """Approvals of a tenant: steps and events that wait for somebody to decide."""
        from interlock.client.resources.approvals import ApprovalsResource

        return ApprovalsResource(self._calls)

    @cached_property
    def assets(self) -> "AssetsResource":
        """The assets of a tenant's catalog."""
        from interlock.client.resources.assets import AssetsResource

        return AssetsResource(self._calls)

    @cached_property
    def budgets(self) -> "BudgetsResource":
        """What a tenant wants to spend in a month."""
        from interlock.client.resources.budgets import BudgetsResource

        return BudgetsResource(self._calls)

    @cached_property
    def dead_letters(self) -> "DeadLettersResource":
        """Starts of a tenant that did not become runs."""
        from interlock.client.resources.dead_letters import DeadLettersResource

        return DeadLettersResource(self._calls)

    @cached_property
    def event_replays(self) -> "EventReplaysResource":
        """Events of the archive, sent to one install again."""
        from interlock.client.resources.event_replays import EventReplaysResource

        return EventReplaysResource(self._calls)

    @cached_property
    def events(self) -> "EventsResource":
        """The events of a tenant's bus."""
        from interlock.client.resources.events import EventsResource

        return EventsResource(self._calls)

    @cached_property
    def fork_jobs(self) -> "ForkJobsResource":
        """Forks of many failed runs at once."""
        from interlock.client.resources.fork_jobs import ForkJobsResource

        return ForkJobsResource(self._calls)

    @cached_property
    def install_breakpoints(self) -> "InstallBreakpointsResource":
        """Breakpoints on every run of an install."""
        from interlock.client.resources.install_breakpoints import InstallBreakpointsResource

        return InstallBreakpointsResource(self._calls)

    @cached_property
    def installs(self) -> "InstallsResource":
        """The apps that a tenant has installed."""
        from interlock.client.resources.installs import InstallsResource

        return InstallsResource(self._calls)

    @cached_property
    def invitations(self) -> "InvitationsResource":
        """Invitations that wait for the caller's answer."""
        from interlock.client.resources.invitations import InvitationsResource

        return InvitationsResource(self._calls)

    @cached_property
    def kill_switches(self) -> "KillSwitchesResource":
        """Switches that stop an install, a version or an app at once."""
        from interlock.client.resources.kill_switches import KillSwitchesResource

        return KillSwitchesResource(self._calls)

    @cached_property
    def listings(self) -> "ListingsResource":
        """The apps that a caller may find."""
        from interlock.client.resources.listings import ListingsResource

        return ListingsResource(self._calls)

    @cached_property
    def logs(self) -> "LogsResource":
        """What the steps of a run printed and logged."""
        from interlock.client.resources.logs import LogsResource

        return LogsResource(self._calls)

    @cached_property
    def pauses(self) -> "PausesResource":
        """Steps that a breakpoint or an approval stopped."""
        from interlock.client.resources.pauses import PausesResource

        return PausesResource(self._calls)

    @cached_property
    def platform(self) -> "PlatformResource":
        """What every caller may read."""
        from interlock.client.resources.platform import PlatformResource

        return PlatformResource(self._calls)

    @cached_property
    def platform_approvals(self) -> "PlatformApprovalsResource":
        """Approvals that the platform itself asks for."""
        from interlock.client.resources.platform_approvals import PlatformApprovalsResource

        return PlatformApprovalsResource(self._calls)

    @cached_property
    def platform_audit(self) -> "PlatformAuditResource":
        """The changes of the platform."""
        from interlock.client.resources.platform_audit import PlatformAuditResource

        return PlatformAuditResource(self._calls)

    @cached_property
    def platform_dead_letters(self) -> "PlatformDeadLettersResource":
        """Messages of the start queue that belong to no tenant."""
        from interlock.client.resources.platform_dead_letters import PlatformDeadLettersResource

        return PlatformDeadLettersResource(self._calls)

    @cached_property
    def publisher_audit(self) -> "PublisherAuditResource":
        """The changes of a publisher and its apps."""
        from interlock.client.resources.publisher_audit import PublisherAuditResource

        return PublisherAuditResource(self._calls)

    @cached_property
    def publisher_credentials(self) -> "PublisherCredentialsResource":
        """Credentials of a publisher's machines."""
        from interlock.client.resources.publisher_credentials import PublisherCredentialsResource

        return PublisherCredentialsResource(self._calls)

    @cached_property
    def publisher_invitations(self) -> "PublisherInvitationsResource":
        """People of elsewhere who are asked to act for a publisher."""
        from interlock.client.resources.publisher_invitations import PublisherInvitationsResource

        return PublisherInvitationsResource(self._calls)

    @cached_property
    def publisher_members(self) -> "PublisherMembersResource":
        """The people, machines and trusts that act for a publisher."""
        from interlock.client.resources.publisher_members import PublisherMembersResource

        return PublisherMembersResource(self._calls)

    @cached_property
    def publisher_support_sessions(self) -> "PublisherSupportSessionsResource":
        """Support sessions that tenants have open for a publisher's apps."""
        from interlock.client.resources.publisher_support_sessions import PublisherSupportSessionsResource

        return PublisherSupportSessionsResource(self._calls)

    @cached_property
    def publisher_trusts(self) -> "PublisherTrustsResource":
        """Workflows of GitHub that act for a publisher."""
        from interlock.client.resources.publisher_trusts import PublisherTrustsResource

        return PublisherTrustsResource(self._calls)

    @cached_property
    def publishers(self) -> "PublishersResource":
        """Publishers and their domains."""
        from interlock.client.resources.publishers import PublishersResource

        return PublishersResource(self._calls)

    @cached_property
    def quotas(self) -> "QuotasResource":
        """How much a tenant and its installs may have at once."""
        from interlock.client.resources.quotas import QuotasResource

        return QuotasResource(self._calls)

    @cached_property
    def recorded_steps(self) -> "RecordedStepsResource":
        """What the gate recorded of a run's steps."""
        from interlock.client.resources.recorded_steps import RecordedStepsResource

        return RecordedStepsResource(self._calls)

    @cached_property
    def redaction_rules(self) -> "RedactionRulesResource":
        """Fields that are sensitive in every run of a tenant."""
        from interlock.client.resources.redaction_rules import RedactionRulesResource

        return RedactionRulesResource(self._calls)

    @cached_property
    def run_breakpoints(self) -> "RunBreakpointsResource":
        """Breakpoints on one run."""
        from interlock.client.resources.run_breakpoints import RunBreakpointsResource

        return RunBreakpointsResource(self._calls)

    @cached_property
    def runs(self) -> "RunsResource":
        """Executions of a workflow for an install."""
        from interlock.client.resources.runs import RunsResource

        return RunsResource(self._calls)

    @cached_property
    def schedules(self) -> "SchedulesResource":
        """The schedules of a tenant's installs."""
        from interlock.client.resources.schedules import SchedulesResource

        return SchedulesResource(self._calls)

    @cached_property
    def support_sessions(self) -> "SupportSessionsResource":
        """Times in which the publisher of an app sees a tenant's runs of it."""
        from interlock.client.resources.support_sessions import SupportSessionsResource

        return SupportSessionsResource(self._calls)

    @cached_property
    def tenant_audit(self) -> "TenantAuditResource":
        """The changes of a tenant and its installs."""
        from interlock.client.resources.tenant_audit import TenantAuditResource

        return TenantAuditResource(self._calls)

    @cached_property
    def tenant_credentials(self) -> "TenantCredentialsResource":
        """Credentials of a tenant's machines."""
        from interlock.client.resources.tenant_credentials import TenantCredentialsResource

        return TenantCredentialsResource(self._calls)

    @cached_property
    def tenant_invitations(self) -> "TenantInvitationsResource":
        """People of elsewhere who are asked to act for a tenant."""
        from interlock.client.resources.tenant_invitations import TenantInvitationsResource

        return TenantInvitationsResource(self._calls)

    @cached_property
    def tenant_members(self) -> "TenantMembersResource":
        """The people and machines that act for a tenant."""
        from interlock.client.resources.tenant_members import TenantMembersResource

        return TenantMembersResource(self._calls)

    @cached_property
    def tenants(self) -> "TenantsResource":
        """Customer organisations."""
        from interlock.client.resources.tenants import TenantsResource

        return TenantsResource(self._calls)

    @cached_property
    def tools(self) -> "ToolsResource":
        """Workflows that are called by name."""
        from interlock.client.resources.tools import ToolsResource

        return ToolsResource(self._calls)

    @cached_property
    def triggers(self) -> "TriggersResource":
        """What starts a workflow, where it fed itself and was stopped."""
        from interlock.client.resources.triggers import TriggersResource

        return TriggersResource(self._calls)

    @cached_property
    def usage(self) -> "UsageResource":
        """What runs used, and what that costs."""
        from interlock.client.resources.usage import UsageResource

        return UsageResource(self._calls)

    @cached_property
    def verifications(self) -> "VerificationsResource":
        """Recorded runs, repeated dry with another version and compared; also the rehearsal of an upgrade."""
        from interlock.client.resources.verifications import VerificationsResource

        return VerificationsResource(self._calls)

    @cached_property
    def version_breakpoints(self) -> "VersionBreakpointsResource":
        """Breakpoints on every run of a version."""
        from interlock.client.resources.version_breakpoints import VersionBreakpointsResource

        return VersionBreakpointsResource(self._calls)

    @cached_property
    def versions(self) -> "VersionsResource":
        """The versions of an app."""
        from interlock.client.resources.versions import VersionsResource

        return VersionsResource(self._calls)

    @cached_property
    def views(self) -> "ViewsResource":
        """The pages that installed apps bring."""
        from interlock.client.resources.views import ViewsResource

        return ViewsResource(self._calls)

    @cached_property
    def webhook_deliveries(self) -> "WebhookDeliveriesResource":
        """The deliveries of a webhook."""
        from interlock.client.resources.webhook_deliveries import WebhookDeliveriesResource

        return WebhookDeliveriesResource(self._calls)

    @cached_property
    def webhooks(self) -> "WebhooksResource":
        """Subscriptions of systems outside to a tenant's events."""
        from interlock.client.resources.webhooks import WebhooksResource

        return WebhooksResource(self._calls)
