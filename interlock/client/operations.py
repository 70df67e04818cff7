"""Every call of the control API, typed.

Written by `python -m scripts.generate.client` from functions/api: change the routes, not this.
"""

from typing import Any

from interlock.client import models
from interlock.client.calls import Calls, part


class Alerts:
    """Calls of `functions/api/alerts.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def shown(self, tenant: str) -> models.Alert:
        """The webhook that is told of failed runs."""
        return models.Alert.model_validate(self._calls.call("GET", f"/v1/tenants/{part(tenant)}/alert"))

    def given(self, tenant: str, body: models.AlertUrl, *, key: str = "") -> models.NewAlert:
        """Set the webhook; the answer holds its signing secret, this once."""
        return models.NewAlert.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/alert", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def removed(self, tenant: str) -> models.Alert:
        """Tell the webhook no more."""
        return models.Alert.model_validate(self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/alert"))

    def tried(self, tenant: str, *, key: str = "") -> models.Delivery:
        """Send a test message now; how the webhook answered."""
        return models.Delivery.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/alert:test", {}, key=key)
        )


class Approvals:
    """Calls of `functions/api/approvals.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def of_tenant(self, tenant: str, *, cursor: str = "") -> models.ApprovalPage:
        """A page of a tenant's approvals of a `status` (waiting ones by default), newest first."""
        return models.ApprovalPage.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/approvals", query={"cursor": cursor})
        )

    def one_of_tenant(self, tenant: str, approval: str) -> models.Approval:
        """One approval of a tenant."""
        return models.Approval.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/approvals/{part(approval)}")
        )

    def decided_in_tenant(self, tenant: str, approval: str, body: models.Verdict, *, key: str = "") -> models.Approval:
        """Approve or reject; for its approvers only, and once."""
        return models.Approval.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/approvals/{part(approval)}",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def of_platform(self, *, cursor: str = "") -> models.ApprovalPage:
        """A page of the platform's own approvals of a `status` (waiting ones by default), newest first."""
        return models.ApprovalPage.model_validate(self._calls.call("GET", "/v1/approvals", query={"cursor": cursor}))

    def one_of_platform(self, approval: str) -> models.Approval:
        """One approval of the platform's own."""
        return models.Approval.model_validate(self._calls.call("GET", f"/v1/approvals/{part(approval)}"))

    def decided_in_platform(self, approval: str, body: models.Verdict, *, key: str = "") -> models.Approval:
        """Approve or reject what the platform itself asks; for its approvers only, and once."""
        return models.Approval.model_validate(
            self._calls.call(
                "POST", f"/v1/approvals/{part(approval)}", body.model_dump(mode="json", by_alias=True), key=key
            )
        )


class Dead:
    """Calls of `functions/api/dead.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def dead_listed(
        self, tenant: str, *, limit: int | None = None, cursor: str = "", state: str = "", install: str = ""
    ) -> models.DeadPage:
        """A page of a tenant's dead letters, or of one install's, newest first."""
        return models.DeadPage.model_validate(
            self._calls.call(
                "GET",
                f"/v1/tenants/{part(tenant)}/dead",
                query={"limit": limit, "cursor": cursor, "state": state, "install": install},
            )
        )

    def dead_shown(self, tenant: str, letter: str) -> models.DeadView:
        """A dead letter with its payload, and the run that it became after all."""
        return models.DeadView.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}")
        )

    def dead_redriven(self, tenant: str, letter: str, *, key: str = "") -> models.Redriven:
        """Put a start back on the queue, with the ids that it had."""
        return models.Redriven.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}/redrive", {}, key=key)
        )

    def dead_dropped(self, tenant: str, letter: str, *, key: str = "") -> models.DeadLetter:
        """Give a start up."""
        return models.DeadLetter.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/dead/{part(letter)}/drop", {}, key=key)
        )

    def triggers_stopped(self, tenant: str) -> models.DeadTriggersStoppedAnswer:
        """The triggers that are stopped, because they fed themselves."""
        return models.DeadTriggersStoppedAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/triggers:stopped")
        )

    def trigger_started(self, tenant: str, body: models.TriggerRef, *, key: str = "") -> models.StoppedTrigger:
        """Let a stopped trigger start runs again."""
        return models.StoppedTrigger.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/triggers:start",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def dead_of_app(
        self, publisher: str, name: str, *, limit: int | None = None, cursor: str = "", state: str = ""
    ) -> models.DeadPage:
        """A page of an app's dead letters in every tenant, newest first, without payloads."""
        return models.DeadPage.model_validate(
            self._calls.call(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/dead",
                query={"limit": limit, "cursor": cursor, "state": state},
            )
        )

    def dead_of_cell(self, *, limit: int | None = None, cursor: str = "", state: str = "") -> models.DeadPage:
        """A page of what stood on the queue of starts and nobody could read; for the operator."""
        return models.DeadPage.model_validate(
            self._calls.call("GET", "/v1/dead", query={"limit": limit, "cursor": cursor, "state": state})
        )

    def dead_of_cell_shown(self, letter: str) -> models.DeadView:
        """One of them, with what stood there."""
        return models.DeadView.model_validate(self._calls.call("GET", f"/v1/dead/{part(letter)}"))

    def dead_of_cell_dropped(self, letter: str, *, key: str = "") -> models.DeadLetter:
        """Give one of them up."""
        return models.DeadLetter.model_validate(self._calls.call("POST", f"/v1/dead/{part(letter)}/drop", {}, key=key))


class Debug:
    """Calls of `functions/api/debug.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def stop(self, tenant: str, run: str, body: models.StopRequest, *, key: str = "") -> models.Run:
        """Stop a run in flight; it is aborted a moment later."""
        return models.Run.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/stop",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def arm_on_run(self, tenant: str, run: str, body: models.NewBreakpoint, *, key: str = "") -> models.Breakpoint:
        """Arm a breakpoint on a run in flight."""
        return models.Breakpoint.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def armed_on_run(self, tenant: str, run: str) -> models.DebugArmedOnRunAnswer:
        """The breakpoints of a run."""
        return models.DebugArmedOnRunAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints")
        )

    def disarm_on_run(self, tenant: str, run: str, rule: str) -> models.DebugDisarmOnRunAnswer:
        """Take a breakpoint off a run."""
        return models.DebugDisarmOnRunAnswer.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/breakpoints/{part(rule)}")
        )

    def arm_on_install(
        self, tenant: str, install: str, body: models.NewBreakpoint, *, key: str = ""
    ) -> models.Breakpoint:
        """Arm a breakpoint for every run of an install."""
        return models.Breakpoint.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def armed_on_install(self, tenant: str, install: str) -> models.DebugArmedOnInstallAnswer:
        """The breakpoints of an install."""
        return models.DebugArmedOnInstallAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints")
        )

    def disarm_on_install(self, tenant: str, install: str, rule: str) -> models.DebugDisarmOnInstallAnswer:
        """Take a breakpoint off an install."""
        return models.DebugDisarmOnInstallAnswer.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/breakpoints/{part(rule)}")
        )

    def arm_on_version(
        self, publisher: str, name: str, version: str, body: models.NewBreakpoint, *, key: str = ""
    ) -> models.Breakpoint:
        """Arm a breakpoint for every run of a version."""
        return models.Breakpoint.model_validate(
            self._calls.call(
                "POST",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def armed_on_version(self, publisher: str, name: str, version: str) -> models.DebugArmedOnVersionAnswer:
        """The breakpoints of a version."""
        return models.DebugArmedOnVersionAnswer.model_validate(
            self._calls.call(
                "GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints"
            )
        )

    def disarm_on_version(
        self, publisher: str, name: str, version: str, rule: str
    ) -> models.DebugDisarmOnVersionAnswer:
        """Take a breakpoint off a version."""
        return models.DebugDisarmOnVersionAnswer.model_validate(
            self._calls.call(
                "DELETE",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/breakpoints/{part(rule)}",
            )
        )

    def pauses(self, tenant: str, run: str) -> models.DebugPausesAnswer:
        """A run's pauses."""
        return models.DebugPausesAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses")
        )

    def pause_shown(self, tenant: str, run: str, pause: str) -> models.Pause:
        """One pause of a run."""
        return models.Pause.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}")
        )

    def resume(self, tenant: str, run: str, pause: str, body: models.Decision, *, key: str = "") -> models.Pause:
        """Decide about a pause."""
        return models.Pause.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/pauses/{part(pause)}",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def fork(self, tenant: str, run: str, body: models.ForkRequest, *, key: str = "") -> models.ForkAccepted:
        """Ask for a fork of a run that is over."""
        return models.ForkAccepted.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/forks",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def traced(self, tenant: str, run: str) -> models.RunTrace:
        """A run's X-Ray trace as a waterfall."""
        return models.RunTrace.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/trace")
        )

    def history(self, tenant: str, run: str) -> models.HistoryRef:
        """Where the full history of a run is, fetched from Step Functions if it was not before."""
        return models.HistoryRef.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/history")
        )


class Debugging:
    """Calls of `functions/api/debugging.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def recorded_step(self, tenant: str, run: str, *, attempt: str = "", state: str = "") -> models.DebugStep:
        """A recorded attempt with all that runs it again: `state` (`STATE`, `STATE[INDEX]`), `attempt`."""
        return models.DebugStep.model_validate(
            self._calls.call(
                "GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/debug", query={"attempt": attempt, "state": state}
            )
        )

    def bundle(self, tenant: str, run: str) -> models.BundleRef:
        """The exact bundle that a run ran: a URL for 5 minutes, digest and size."""
        return models.BundleRef.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/bundle")
        )

    def recorded_body(self, tenant: str, run: str, *, key: str = "") -> models.BodyRef:
        """Where a recorded body is, by its `key`: a URL for 5 minutes and its digest."""
        return models.BodyRef.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/bodies", query={"key": key})
        )

    def secrets(
        self, tenant: str, run: str, body: models.SecretsRequest, *, key: str = ""
    ) -> models.DebuggingSecretsAnswer:
        """Values of the install's secrets, for the tenant's own admins only; logged."""
        return models.DebuggingSecretsAnswer.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/secrets",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def add_rule(self, tenant: str, body: models.RedactionRule, *, key: str = "") -> models.Tenant:
        """Call a field sensitive in every run of the tenant that starts from now on, and in every export."""
        return models.Tenant.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/redact", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def remove_rule(self, tenant: str, *, rule: str = "") -> models.Tenant:
        """Take a rule back, named by `rule`."""
        return models.Tenant.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/redact", query={"rule": rule})
        )


class Explain:
    """Calls of `functions/api/explain.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def explained(self, tenant: str, run: str) -> models.ExplanationView:
        """Why a run failed: the first cause, what it read, what differs from the last good run; also as text."""
        return models.ExplanationView.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/explain")
        )

    def failures(self, tenant: str, *, limit: int | None = None, cursor: str = "") -> models.FailureGroups:
        """A page of failures grouped by fingerprint, with count, first and last, the group that failed last first."""
        return models.FailureGroups.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/failures", query={"limit": limit, "cursor": cursor})
        )


class Installs:
    """Calls of `functions/api/installs.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def installs(
        self, tenant: str, *, limit: int | None = None, cursor: str = "", all: str = ""
    ) -> models.InstallsInstallsAnswer:
        """A page of a tenant's installs; with `all`, removed and deleted ones too. It may be short and not the last."""
        return models.InstallsInstallsAnswer.model_validate(
            self._calls.call(
                "GET", f"/v1/tenants/{part(tenant)}/installs", query={"limit": limit, "cursor": cursor, "all": all}
            )
        )

    def install_app(self, tenant: str, body: models.InstallRequest, *, key: str = "") -> models.Install:
        """Begin to install an app."""
        return models.Install.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/installs", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def consent(self, tenant: str, *, app: str = "", channel: str = "", version: str = "") -> models.ConsentSheet:
        """What a tenant would consent to with an `app` (of a `version`, or the newest of a `channel`)."""
        return models.ConsentSheet.model_validate(
            self._calls.call(
                "GET", f"/v1/tenants/{part(tenant)}/consent", query={"app": app, "channel": channel, "version": version}
            )
        )

    def one_install(self, tenant: str, install: str) -> models.Install:
        """One install."""
        return models.Install.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}")
        )

    def plan(self, tenant: str, install: str, *, version: str = "") -> models.SwitchPlan:
        """What a switch to `version` would ask for and change; to what waits, or the newest, without it."""
        return models.SwitchPlan.model_validate(
            self._calls.call(
                "GET", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/plan", query={"version": version}
            )
        )

    def change(self, tenant: str, install: str, body: models.InstallChange) -> models.Install:
        """Change an install's channel or config."""
        return models.Install.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}",
                body.model_dump(mode="json", by_alias=True),
            )
        )

    def upgrade(self, tenant: str, install: str, body: models.UpgradeRequest, *, key: str = "") -> models.VersionChange:
        """Consent to a version's difference, and begin to switch to it."""
        return models.VersionChange.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}/upgrade",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def rollback(self, tenant: str, install: str, *, key: str = "") -> models.VersionChange:
        """Begin to switch back to the version before."""
        return models.VersionChange.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/rollback", {}, key=key)
        )

    def uninstall(self, tenant: str, install: str, *, abort: str = "") -> models.Install:
        """Stop starts, and begin to remove an install; with `abort`, runs in flight are stopped."""
        return models.Install.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/installs/{part(install)}", query={"abort": abort})
        )

    def recover(self, tenant: str, install: str, *, key: str = "") -> models.Install:
        """Begin to install a removed app again, with what it had."""
        return models.Install.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/recover", {}, key=key)
        )

    def delete(self, tenant: str, install: str, *, key: str = "") -> models.Install:
        """Begin to delete what a removed install kept."""
        return models.Install.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/installs/{part(install)}/delete", {}, key=key)
        )


class Listing:
    """Calls of `functions/api/listing.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def find(
        self,
        *,
        category: str = "",
        q: str = "",
        publisher: str = "",
        verified: str = "",
        limit: int | None = None,
        cursor: str = "",
    ) -> models.AppPage:
        """A page of the apps that the caller finds, by name; it may be short and not the last."""
        return models.AppPage.model_validate(
            self._calls.call(
                "GET",
                "/v1/listing",
                query={
                    "category": category,
                    "q": q,
                    "publisher": publisher,
                    "verified": verified,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    def export(self, *, limit: int | None = None, cursor: str = "") -> models.AppPage:
        """A page of the whole catalogue that the caller finds, as JSON."""
        return models.AppPage.model_validate(
            self._calls.call("GET", "/v1/listing:export", query={"limit": limit, "cursor": cursor})
        )

    def listing(self, publisher: str, name: str) -> models.ListingPage:
        """One app as it is listed: permissions in plain words, images (URLs of five minutes), changelog."""
        return models.ListingPage.model_validate(self._calls.call("GET", f"/v1/listing/{part(publisher)}/{part(name)}"))

    def change(self, publisher: str, name: str, body: models.ListingChange) -> models.Listing:
        """Change who finds an app, without a new version."""
        return models.Listing.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/listing",
                body.model_dump(mode="json", by_alias=True),
            )
        )


class People:
    """Calls of `functions/api/people.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def members_of_publisher(self, publisher: str) -> models.PeopleMembersOfPublisherAnswer:
        """Who belongs to a publisher or a tenant: people, machines, trusts."""
        return models.PeopleMembersOfPublisherAnswer.model_validate(
            self._calls.call("GET", f"/v1/publishers/{part(publisher)}/members")
        )

    def members_of_tenant(self, tenant: str) -> models.PeopleMembersOfTenantAnswer:
        """Who belongs to a publisher or a tenant: people, machines, trusts."""
        return models.PeopleMembersOfTenantAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/members")
        )

    def add_member_of_publisher(self, publisher: str, body: models.Invitation, *, key: str = "") -> models.Membership:
        """Make a person a member, or give a member another role."""
        return models.Membership.model_validate(
            self._calls.call(
                "POST",
                f"/v1/publishers/{part(publisher)}/members",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def add_member_of_tenant(self, tenant: str, body: models.Invitation, *, key: str = "") -> models.Membership:
        """Make a person a member, or give a member another role."""
        return models.Membership.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/members", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def drop_member_of_publisher(self, publisher: str, member: str) -> models.Membership:
        """Make a person, a machine or a trust no member any more."""
        return models.Membership.model_validate(
            self._calls.call("DELETE", f"/v1/publishers/{part(publisher)}/members/{part(member)}")
        )

    def drop_member_of_tenant(self, tenant: str, member: str) -> models.Membership:
        """Make a person, a machine or a trust no member any more."""
        return models.Membership.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/members/{part(member)}")
        )

    def new_credential_of_publisher(
        self, publisher: str, body: models.NewCredential, *, key: str = ""
    ) -> models.Credentials:
        """Make credentials for a machine; the secret is in this answer and nowhere else."""
        return models.Credentials.model_validate(
            self._calls.call(
                "POST",
                f"/v1/publishers/{part(publisher)}/credentials",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def new_credential_of_tenant(self, tenant: str, body: models.NewCredential, *, key: str = "") -> models.Credentials:
        """Make credentials for a machine; the secret is in this answer and nowhere else."""
        return models.Credentials.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/credentials", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def rotate_of_publisher(self, publisher: str, name: str, *, key: str = "") -> models.Credentials:
        """Give a machine new credentials; the ones before are refused from now on."""
        return models.Credentials.model_validate(
            self._calls.call("POST", f"/v1/publishers/{part(publisher)}/credentials/{part(name)}/rotate", {}, key=key)
        )

    def rotate_of_tenant(self, tenant: str, name: str, *, key: str = "") -> models.Credentials:
        """Give a machine new credentials; the ones before are refused from now on."""
        return models.Credentials.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/credentials/{part(name)}/rotate", {}, key=key)
        )

    def new_trust(self, publisher: str, body: models.NewTrust, *, key: str = "") -> models.Membership:
        """Let a workflow of GitHub act for the publisher, by the token that GitHub gives it."""
        return models.Membership.model_validate(
            self._calls.call(
                "POST", f"/v1/publishers/{part(publisher)}/trusts", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def one_publisher(self, publisher: str) -> models.Publisher:
        """A publisher, and the domain that it claims."""
        return models.Publisher.model_validate(self._calls.call("GET", f"/v1/publishers/{part(publisher)}"))

    def claim(self, publisher: str, body: models.DomainClaim, *, key: str = "") -> models.Publisher:
        """Claim a domain; the answer has the TXT record that shows whose it is."""
        return models.Publisher.model_validate(
            self._calls.call(
                "POST", f"/v1/publishers/{part(publisher)}/domain", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def verify(self, publisher: str, *, key: str = "") -> models.Publisher:
        """Look for the TXT record."""
        return models.Publisher.model_validate(
            self._calls.call("POST", f"/v1/publishers/{part(publisher)}/domain/verify", {}, key=key)
        )

    def audit_of_platform(self, *, limit: int | None = None, cursor: str = "") -> models.ChangePage:
        """A page of the changes of a scope, newest first."""
        return models.ChangePage.model_validate(
            self._calls.call("GET", "/v1/audit", query={"limit": limit, "cursor": cursor})
        )

    def audit_of_publisher(self, publisher: str, *, limit: int | None = None, cursor: str = "") -> models.ChangePage:
        """A page of the changes of a scope, newest first."""
        return models.ChangePage.model_validate(
            self._calls.call("GET", f"/v1/publishers/{part(publisher)}/audit", query={"limit": limit, "cursor": cursor})
        )

    def audit_of_tenant(self, tenant: str, *, limit: int | None = None, cursor: str = "") -> models.ChangePage:
        """A page of the changes of a scope, newest first."""
        return models.ChangePage.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/audit", query={"limit": limit, "cursor": cursor})
        )


class Publishers:
    """Calls of `functions/api/publishers.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def me(self) -> models.Caller:
        """Who calls, and what of."""
        return models.Caller.model_validate(self._calls.call("GET", "/v1/me"))

    def target(self) -> models.Target:
        """What dependencies must be vendored for."""
        return models.Target.model_validate(self._calls.call("GET", "/v1/target"))

    def new_publisher(self, body: models.NewPublisher, *, key: str = "") -> models.PublishersNewPublisherAnswer:
        """Register a publisher, with a user and a client."""
        return models.PublishersNewPublisherAnswer.model_validate(
            self._calls.call("POST", "/v1/publishers", body.model_dump(mode="json", by_alias=True), key=key)
        )

    def new_version(self, publisher: str, name: str, body: models.NewVersion, *, key: str = "") -> models.UploadTicket:
        """Register a version that is to come; a form to upload its bundle with."""
        return models.UploadTicket.model_validate(
            self._calls.call(
                "POST",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def versions(
        self, publisher: str, name: str, *, limit: int | None = None, cursor: str = ""
    ) -> models.PublishersVersionsAnswer:
        """A page of an app's versions; of the listed ones for everybody, so that it may be short and not the last."""
        return models.PublishersVersionsAnswer.model_validate(
            self._calls.call(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions",
                query={"limit": limit, "cursor": cursor},
            )
        )

    def one_version(self, publisher: str, name: str, version: str) -> models.Version:
        """One version."""
        return models.Version.model_validate(
            self._calls.call("GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}")
        )

    def sbom(self, publisher: str, name: str, version: str) -> Any:
        """The version's bill of materials, in CycloneDX."""
        return self._calls.call(
            "GET", f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/sbom"
        )

    def withdraw_version(
        self, publisher: str, name: str, version: str, body: models.Withdrawal, *, key: str = ""
    ) -> models.Version:
        """Deprecate or yank a listed version, or take a deprecation back."""
        return models.Version.model_validate(
            self._calls.call(
                "POST",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/status",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )


class Replays:
    """Calls of `functions/api/replays.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def replay_begun(self, tenant: str, body: models.ReplayRequest, *, key: str = "") -> models.Replay:
        """Begin a replay, or a dry count of one; the same words and key again answer the one that was begun."""
        return models.Replay.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/replays", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def replay_shown(self, tenant: str, replay: str) -> models.Replay:
        """A replay, and how far it has come."""
        return models.Replay.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/replays/{part(replay)}")
        )


class Runs:
    """Calls of `functions/api/runs.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def listed(
        self,
        tenant: str,
        *,
        app: str = "",
        version: str = "",
        workflow: str = "",
        status: str = "",
        state: str = "",
        error: str = "",
        fingerprint: str = "",
        tag: str = "",
        since: str = "",
        until: str = "",
        longer: str = "",
        shorter: str = "",
        input: str = "",
        limit: int | None = None,
        cursor: str = "",
    ) -> models.RunPage:
        """A page of the runs that pass the filters, newest first; fewer than `limit` may come with a cursor."""
        return models.RunPage.model_validate(
            self._calls.call(
                "GET",
                f"/v1/tenants/{part(tenant)}/runs",
                query={
                    "app": app,
                    "version": version,
                    "workflow": workflow,
                    "status": status,
                    "state": state,
                    "error": error,
                    "fingerprint": fingerprint,
                    "tag": tag,
                    "since": since,
                    "until": until,
                    "longer": longer,
                    "shorter": shorter,
                    "input": input,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    def start(self, tenant: str, body: models.RunRequest, *, key: str = "") -> models.RunAccepted:
        """Ask for a run."""
        return models.RunAccepted.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/runs", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def shown(self, tenant: str, run: str, *, whole: str = "") -> models.Run:
        """One run."""
        return models.Run.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}", query={"whole": whole})
        )

    def steps(
        self,
        tenant: str,
        run: str,
        *,
        cursor: str = "",
        outline: str = "",
        whole: str = "",
        newest: str = "",
        limit: int | None = None,
    ) -> Any:
        """A page of a run's step records; `outline` answers what tells visits apart, without bodies and effects."""
        return self._calls.call(
            "GET",
            f"/v1/tenants/{part(tenant)}/runs/{part(run)}/steps",
            query={"cursor": cursor, "outline": outline, "whole": whole, "newest": newest, "limit": limit},
        )

    def tool_call(self, tenant: str, tool: str, body: models.ToolCall, *, key: str = "") -> models.RunAccepted:
        """Call a tool: starts its workflow."""
        return models.RunAccepted.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/tools/{part(tool)}",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )


class Schedules:
    """Calls of `functions/api/schedules.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def schedules(self, tenant: str, *, limit: int | None = None, cursor: str = "") -> models.ScheduleList:
        """The schedules of a page of the tenant's installs, with what became of their last times and what comes next."""
        return models.ScheduleList.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/schedules", query={"limit": limit, "cursor": cursor})
        )


class Switches:
    """Calls of `functions/api/switches.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def install_switch(self, tenant: str, install: str, body: models.KillSwitch) -> models.Install:
        """Switch an install off, for the reason in `stopped`, or on, with none."""
        return models.Install.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}/switch",
                body.model_dump(mode="json", by_alias=True),
            )
        )

    def app_switch(self, publisher: str, name: str, body: models.KillSwitch) -> models.KillSwitch:
        """Switch an app off or on, for every tenant."""
        return models.KillSwitch.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/switch",
                body.model_dump(mode="json", by_alias=True),
            )
        )

    def version_switch(
        self, publisher: str, name: str, version: str, body: models.KillSwitch
    ) -> models.SwitchesVersionSwitchAnswer:
        """Switch a version off or on, for every tenant."""
        return models.SwitchesVersionSwitchAnswer.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/versions/{part(version)}/switch",
                body.model_dump(mode="json", by_alias=True),
            )
        )


class Tenants:
    """Calls of `functions/api/tenants.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def new_tenant(self, body: models.NewTenant, *, key: str = "") -> models.TenantsNewTenantAnswer:
        """Register a tenant, with a user and a client, and begin to onboard it."""
        return models.TenantsNewTenantAnswer.model_validate(
            self._calls.call("POST", "/v1/tenants", body.model_dump(mode="json", by_alias=True), key=key)
        )

    def one_tenant(self, tenant: str) -> models.Tenant:
        """One tenant."""
        return models.Tenant.model_validate(self._calls.call("GET", f"/v1/tenants/{part(tenant)}"))

    def leave(self, tenant: str) -> models.Tenant:
        """Begin to offboard a tenant: installs, data and identities go."""
        return models.Tenant.model_validate(self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}"))

    def assets(
        self,
        tenant: str,
        *,
        qualified_name: str = "",
        type: str = "",
        tag: str = "",
        prefix: str = "",
        limit: int | None = None,
        cursor: str = "",
    ) -> models.AssetPage:
        """One asset, or a page of a search."""
        return models.AssetPage.model_validate(
            self._calls.call(
                "GET",
                f"/v1/tenants/{part(tenant)}/assets",
                query={
                    "qualified_name": qualified_name,
                    "type": type,
                    "tag": tag,
                    "prefix": prefix,
                    "limit": limit,
                    "cursor": cursor,
                },
            )
        )

    def history(
        self, tenant: str, *, limit: int | None = None, qualified_name: str = "", cursor: str = ""
    ) -> models.TenantsHistoryAnswer:
        """An asset's changes, newest first."""
        return models.TenantsHistoryAnswer.model_validate(
            self._calls.call(
                "GET",
                f"/v1/tenants/{part(tenant)}/assets:history",
                query={"limit": limit, "qualified_name": qualified_name, "cursor": cursor},
            )
        )

    def write(self, tenant: str, body: models.AssetBatch, *, key: str = "") -> models.TenantsWriteAnswer:
        """A batch of upserts."""
        return models.TenantsWriteAnswer.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/assets:batch", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def events(self, tenant: str, *, since: str = "") -> models.TenantsEventsAnswer:
        """Recent events, oldest first."""
        return models.TenantsEventsAnswer.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/events", query={"since": since})
        )

    def send(self, tenant: str, body: models.NewEvent, *, key: str = "") -> models.TenantsSendAnswer:
        """Send an event."""
        return models.TenantsSendAnswer.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/events", body.model_dump(mode="json", by_alias=True), key=key
            )
        )


class Usage:
    """Calls of `functions/api/usage.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def tenants(
        self, tenant: str, *, format: str = "", since: str = "", until: str = "", by: str = ""
    ) -> models.UsageReport:
        """What a tenant used, by `by`, from `since` to `until` (days, UTC); `format=csv` for a table."""
        return models.UsageReport.model_validate(
            self._calls.call(
                "GET",
                f"/v1/tenants/{part(tenant)}/usage",
                query={"format": format, "since": since, "until": until, "by": by},
            )
        )

    def apps(self, publisher: str, name: str, *, since: str = "", until: str = "", by: str = "") -> models.UsageReport:
        """What all tenants together used of an app."""
        return models.UsageReport.model_validate(
            self._calls.call(
                "GET",
                f"/v1/publishers/{part(publisher)}/apps/{part(name)}/usage",
                query={"since": since, "until": until, "by": by},
            )
        )

    def budget(self, tenant: str) -> models.Budget:
        """A tenant's budget."""
        return models.Budget.model_validate(self._calls.call("GET", f"/v1/tenants/{part(tenant)}/budget"))

    def set_budget(self, tenant: str, body: models.Budget) -> models.Budget:
        """Set a tenant's monthly budget."""
        return models.Budget.model_validate(
            self._calls.call("PUT", f"/v1/tenants/{part(tenant)}/budget", body.model_dump(mode="json", by_alias=True))
        )

    def drop_budget(self, tenant: str) -> models.Budget:
        """Take a tenant's budget away."""
        return models.Budget.model_validate(self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/budget"))

    def quotas(self, tenant: str) -> models.QuotaReport:
        """The quotas of a tenant and of its installs, with what of them is in use."""
        return models.QuotaReport.model_validate(self._calls.call("GET", f"/v1/tenants/{part(tenant)}/quotas"))

    def tenant_quotas(self, tenant: str, body: models.Quotas) -> models.Tenant:
        """Set a tenant's quotas; for operators."""
        return models.Tenant.model_validate(
            self._calls.call("PUT", f"/v1/tenants/{part(tenant)}/quotas", body.model_dump(mode="json", by_alias=True))
        )

    def install_quotas(self, tenant: str, install: str, body: models.Quotas) -> models.Install:
        """Set an install's quotas."""
        return models.Install.model_validate(
            self._calls.call(
                "PUT",
                f"/v1/tenants/{part(tenant)}/installs/{part(install)}/quotas",
                body.model_dump(mode="json", by_alias=True),
            )
        )


class Webhooks:
    """Calls of `functions/api/webhooks.py`."""

    def __init__(self, calls: Calls) -> None:
        """Keep how calls are made."""
        self._calls = calls

    def added(self, tenant: str, body: models.NewWebhook, *, key: str = "") -> models.WebhookWithSecret:
        """Subscribe a URL to events; the answer holds the signing secret, this once."""
        return models.WebhookWithSecret.model_validate(
            self._calls.call(
                "POST", f"/v1/tenants/{part(tenant)}/webhooks", body.model_dump(mode="json", by_alias=True), key=key
            )
        )

    def every(self, tenant: str) -> models.WebhookList:
        """The tenant's webhooks."""
        return models.WebhookList.model_validate(self._calls.call("GET", f"/v1/tenants/{part(tenant)}/webhooks"))

    def one(self, tenant: str, webhook: str) -> models.Webhook:
        """One webhook."""
        return models.Webhook.model_validate(
            self._calls.call("GET", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}")
        )

    def removed(self, tenant: str, webhook: str) -> models.Webhook:
        """Forget a webhook, its secrets and its deliveries."""
        return models.Webhook.model_validate(
            self._calls.call("DELETE", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}")
        )

    def tested(self, tenant: str, webhook: str, *, key: str = "") -> models.Attempt:
        """Send a test message now; how it was answered."""
        return models.Attempt.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/test", {}, key=key)
        )

    def rotated(
        self, tenant: str, webhook: str, body: models.SecretRotation, *, key: str = ""
    ) -> models.WebhookWithSecret:
        """Give it a new secret, shown this once; both sign during the overlap."""
        return models.WebhookWithSecret.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/rotate",
                body.model_dump(mode="json", by_alias=True),
                key=key,
            )
        )

    def disabled(self, tenant: str, webhook: str, *, key: str = "") -> models.Webhook:
        """Tell it nothing any more."""
        return models.Webhook.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/disable", {}, key=key)
        )

    def enabled(self, tenant: str, webhook: str, *, key: str = "") -> models.Webhook:
        """Tell it again, from now on."""
        return models.Webhook.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/enable", {}, key=key)
        )

    def deliveries(self, tenant: str, webhook: str, *, cursor: str = "") -> models.DeliveryPage:
        """A page of its deliveries with their attempts, of a `status` or of all, newest first."""
        return models.DeliveryPage.model_validate(
            self._calls.call(
                "GET", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/deliveries", query={"cursor": cursor}
            )
        )

    def again(self, tenant: str, webhook: str, delivery: str, *, key: str = "") -> models.WebhookDelivery:
        """Put a delivery on its way again."""
        return models.WebhookDelivery.model_validate(
            self._calls.call(
                "POST",
                f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/deliveries/{part(delivery)}/redeliver",
                {},
                key=key,
            )
        )

    def all_again(self, tenant: str, webhook: str, *, key: str = "") -> models.DeliveryPage:
        """Put a page of the failed deliveries on their way again; call it until it answers none."""
        return models.DeliveryPage.model_validate(
            self._calls.call("POST", f"/v1/tenants/{part(tenant)}/webhooks/{part(webhook)}/redeliver", {}, key=key)
        )


class Interlock:
    """The control API, by groups of calls."""

    def __init__(self, calls: Calls) -> None:
        """Make calls by these."""
        self.alerts = Alerts(calls)
        self.approvals = Approvals(calls)
        self.dead = Dead(calls)
        self.debug = Debug(calls)
        self.debugging = Debugging(calls)
        self.explain = Explain(calls)
        self.installs = Installs(calls)
        self.listing = Listing(calls)
        self.people = People(calls)
        self.publishers = Publishers(calls)
        self.replays = Replays(calls)
        self.runs = Runs(calls)
        self.schedules = Schedules(calls)
        self.switches = Switches(calls)
        self.tenants = Tenants(calls)
        self.usage = Usage(calls)
        self.webhooks = Webhooks(calls)
