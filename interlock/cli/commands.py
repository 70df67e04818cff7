"""Every command: where it is, and its line of help.

Help is printed from here, so that it imports no command; `tests/unit/cli/test_commands.py` holds each line equal to
the beginning of the command's docstring.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """A command in the Typer app of a module."""

    module: str
    """Below `interlock.cli`."""
    about: str
    attribute: str = "app"
    """The module's name for the Typer app."""


class Group(NamedTuple):
    """Commands, and groups of them, behind one word."""

    about: str
    entries: "Mapping[str, Command | Group]"


COMMANDS: Mapping[str, Command | Group] = {
    "up": Command("platform", "Start the local platform."),
    "down": Command("platform", "Stop the local platform."),
    "status": Command("platform", "Show the state of the local platform."),
    "console": Command("console.command", "Open the console in a browser, signed in as a profile."),
    "dev": Command(
        "develop.dev", "Put each save into the running local platform as a development version, and follow its runs."
    ),
    "doctor": Command("develop.doctor", "Look at everything on this machine that can be wrong, and say what to do."),
    "use": Command("people.identity", "Act as a profile from now on, in commands that name none and that it fits."),
    "whoami": Command("people.identity", "Show who commands act as."),
    "auth": Group(
        "Tokens of the control API.",
        {
            "token": Command("people.identity", "Print an access token of the profile that commands act as.", "auth"),
        },
    ),
    "login": Command("people.login", "Sign in."),
    "operator": Group(
        "Operators of a deployment.",
        {
            "create": Command(
                "people.operator", "Make an operator of a deployment with AWS credentials, and add the profile NAME."
            )
        },
    ),
    "deployment": Group(
        "A deployment as a whole, by AWS credentials.",
        {
            "export": Command(
                "people.deployment",
                "Export the registry, the users and the artifacts of a deployment into the new folder DIR.",
            ),
            "import": Command(
                "people.deployment", "Import the export in DIR into a new deployment, and make stacks and rules again."
            ),
            "console": Command(
                "people.deployment",
                "Put the console's page where the deployment's distribution reads it, after `cdk deploy`.",
            ),
        },
    ),
    "mcp": Command("copilot", "Serve a tenant's tools to a copilot over standard input and output (MCP)."),
    "tenant": Group(
        "Customer organisations.",
        {
            "create": Command(
                "people.tenant",
                "Create a tenant with its bus, catalog, access role, user and client, and add the profile NAME.",
            ),
            "list": Command("people.tenant", "List the tenants of the platform."),
            "show": Command("people.tenant", "Show a tenant."),
            "offboard": Command("people.tenant", "Delete a tenant for good."),
            "member": Group(
                "The people and machines that act for a tenant.",
                {
                    "list": Command("people.member", "List people, machines and trusts.", "tenant_members"),
                    "add": Command(
                        "people.member", "Make a person a member, or give a member another role.", "tenant_members"
                    ),
                    "remove": Command("people.member", "Remove a person, a machine or a trust.", "tenant_members"),
                    "invite": Command("people.member", "Invite a person who has a user already.", "tenant_members"),
                    "invited": Command("people.member", "List invitations that wait for an answer.", "tenant_members"),
                    "uninvite": Command("people.member", "Take an invitation back.", "tenant_members"),
                },
            ),
            "credential": Group(
                "Credentials for a tenant's machines, such as a pipeline.",
                {
                    "list": Command("people.member", "List credentials, without secrets.", "tenant_credentials"),
                    "create": Command("people.member", "Make credentials.", "tenant_credentials"),
                    "rotate": Command("people.member", "Make new credentials under a name.", "tenant_credentials"),
                    "revoke": Command("people.member", "Revoke credentials.", "tenant_credentials"),
                },
            ),
            "redact": Group(
                "Fields that are sensitive in a tenant's runs.",
                {
                    "list": Command(
                        "people.tenant", "List the fields that are sensitive in the tenant's runs.", "redact"
                    ),
                    "add": Command(
                        "people.tenant",
                        "Mark a field as sensitive in every run that starts from now on, and in every export.",
                        "redact",
                    ),
                    "remove": Command("people.tenant", "Remove a rule.", "redact"),
                },
            ),
        },
    ),
    "publisher": Group(
        "Who builds apps.",
        {
            "create": Command(
                "people.publisher",
                "Create a publisher with a namespace, a user and a client, and add the profile NAME.",
            ),
            "list": Command("people.publisher", "List the publishers of the platform."),
            "trust": Command(
                "people.publisher", "Let a workflow of GitHub publish, with the token that GitHub gives it."
            ),
            "domain": Command(
                "people.publisher", "Show a publisher's domain, claim one, or verify it with a TXT record."
            ),
            "member": Group(
                "The people, machines and trusts that act for a publisher.",
                {
                    "list": Command("people.member", "List people, machines and trusts.", "publisher_members"),
                    "add": Command(
                        "people.member", "Make a person a member, or give a member another role.", "publisher_members"
                    ),
                    "remove": Command("people.member", "Remove a person, a machine or a trust.", "publisher_members"),
                    "invite": Command("people.member", "Invite a person who has a user already.", "publisher_members"),
                    "invited": Command(
                        "people.member", "List invitations that wait for an answer.", "publisher_members"
                    ),
                    "uninvite": Command("people.member", "Take an invitation back.", "publisher_members"),
                },
            ),
            "credential": Group(
                "Credentials for a publisher's machines, such as a pipeline.",
                {
                    "list": Command("people.member", "List credentials, without secrets.", "publisher_credentials"),
                    "create": Command("people.member", "Make credentials.", "publisher_credentials"),
                    "rotate": Command("people.member", "Make new credentials under a name.", "publisher_credentials"),
                    "revoke": Command("people.member", "Revoke credentials.", "publisher_credentials"),
                },
            ),
        },
    ),
    "app": Group(
        "Apps and their versions.",
        {
            "init": Command("apps.app", "Start an app from a template."),
            "check": Command("apps.app", "Validate an app as the platform will."),
            "pack": Command(
                "apps.app", "Pack an app into a bundle, with its dependencies for the Python that the platform runs."
            ),
            "publish": Command("apps.publish", "Publish an app."),
            "versions": Command("apps.app", "List the versions of an app."),
            "show": Command("apps.app", "Show a version (publisher/name@version; by default the newest)."),
            "sbom": Command("apps.publish", "Print a version's bill of materials (CycloneDX JSON)."),
            "list": Command("apps.listing", "List a publisher's own apps, listed or not."),
            "search": Command("apps.listing", "Search the listing for apps."),
            "listing": Command("apps.listing", "Show an app as it is listed."),
            "visibility": Command("apps.listing", "Change who may find and install an app."),
            "catalogue": Command("apps.listing", "Export every app that you may find as JSON."),
            "deprecate": Command("apps.withdraw", "Deprecate a version."),
            "yank": Command("apps.withdraw", "Yank a version for good."),
            "stop": Command(
                "apps.kill_switch", "Switch an app, or one version of it, off for every tenant, within seconds."
            ),
            "start": Command("apps.kill_switch", "Switch an app, or one version of it, on again."),
        },
    ),
    "state": Group(
        "States of a workflow's file, without a platform.",
        {
            "test": Command("apps.state", "Run one state as AWS's TestState does."),
        },
    ),
    "install": Group(
        "The apps of a tenant.",
        {
            "add": Command("installs.install", "Install an app."),
            "consent": Command("installs.install", "Show what you would consent to."),
            "list": Command("installs.install", "List a tenant's installs."),
            "show": Command("installs.install", "Show an install."),
            "set": Command("installs.install", "Change the channel, the config or secrets of an install."),
            "upgrade": Command("installs.upgrade", "Upgrade an install."),
            "rollback": Command("installs.upgrade", "Go back to the version that an install had before."),
            "rehearse": Command(
                "installs.upgrade", "Repeat an install's last runs dry with another version, and show what differs."
            ),
            "stop": Command("installs.kill_switch", "Switch an install off."),
            "start": Command("installs.kill_switch", "Switch an install on again."),
            "test": Command("installs.preflight", "Test an install before it is used."),
            "remove": Command("installs.install", "Remove an install."),
            "recover": Command(
                "installs.install", "Install a removed app again, with the config, secrets and state that it had."
            ),
            "delete": Command(
                "installs.install",
                "Delete the data of a removed install now, instead of after 30 days, and show the receipt.",
            ),
        },
    ),
    "asset": Group(
        "A tenant's catalog.",
        {
            "search": Command("asset", "Find assets by words, type, tag and the beginning of the name."),
            "list": Command("asset", "List assets by name."),
            "show": Command("asset", "Show one asset."),
            "set": Command("asset", "Change the owners, attributes and tags of an asset."),
        },
    ),
    "view": Group(
        "The pages that installed apps bring.",
        {
            "list": Command("apps.view", "List the pages that installed apps bring."),
            "show": Command("apps.view", "Show the data of one page."),
        },
    ),
    "event": Group(
        "A tenant's events.",
        {
            "send": Command("events.event", "Send an event to the tenant's bus."),
            "tail": Command("events.event", "Show recent events, oldest first."),
            "stopped": Command("events.event", "List the triggers that are stopped because they fed themselves."),
            "start": Command("events.event", "Let a stopped trigger start runs again."),
            "replay": Command("events.replay", "Send the archived events of a span of time to one install again."),
            "dead": Group(
                "Events and other starts that were accepted and did not become runs.",
                {
                    "list": Command("events.dead", "List dead letters, newest first."),
                    "show": Command("events.dead", "Show a dead letter."),
                    "redrive": Command("events.dead", "Put a start back on the queue, with its own ids."),
                    "drop": Command("events.dead", "Give a start up."),
                },
            ),
        },
    ),
    "run": Group(
        "Runs of a tenant's workflows.",
        {
            "start": Command("runs.run", "Start a workflow of an installed app."),
            "list": Command("runs.search", "List the runs that pass every filter, newest first."),
            "show": Command("runs.run", "Show a run."),
            "logs": Command("runs.logs", "Print what the steps of a run printed and logged, in the order of time."),
            "watch": Command("runs.run", "Follow a run to its end, with a line for each step that begins or ends."),
            "stop": Command("runs.run", "Stop a run in flight, and wait until it is aborted."),
            "explain": Command("runs.explain", "Explain why a run failed."),
            "failures": Command("runs.search", "List failures by fingerprint, the last one first."),
            "summary": Command("runs.search", "Count the runs that a query means, in groups, with how long they took."),
            "debug": Command(
                "runs.debug",
                "Debug a recorded step with its exact bundle, input and effects, stopped on the failing line.",
            ),
            "fork": Command("runs.fork", "Run again from one state on."),
            "fork-job": Group(
                "Forks of many failed runs at once: interlock run fork --all.",
                {
                    "list": Command("runs.bulk_fork", "List fork jobs with their counts, newest first."),
                    "show": Command("runs.bulk_fork", "Show a fork job."),
                    "stop": Command("runs.bulk_fork", "Stop a fork job."),
                },
            ),
            "diff": Command("runs.diff", "Compare two runs."),
            "verify": Command("runs.verify", "Compare what a version does with recorded runs."),
            "export": Command("runs.export", "Write a run with its records and effects to a file, redacted."),
            "import": Command("runs.export", "Open an exported run here."),
        },
    ),
    "tool": Group(
        "Tools of installed apps.",
        {
            "list": Command("runs.tool", "List the tools of a tenant's installed apps that can be called."),
            "call": Command("runs.tool", "Call a tool."),
        },
    ),
    "break": Group(
        "Breakpoints on runs, installs and versions.",
        {
            "add": Command("runs.breakpoint", "Arm a breakpoint."),
            "list": Command("runs.breakpoint", "List the breakpoints of a run, an install or a version."),
            "remove": Command("runs.breakpoint", "Remove a breakpoint."),
        },
    ),
    "invitation": Group(
        "What tenants and publishers ask you to join.",
        {
            "list": Command("people.invitation", "List the invitations that wait for your answer."),
            "accept": Command("people.invitation", "Accept an invitation, and become a member."),
            "decline": Command("people.invitation", "Decline an invitation."),
        },
    ),
    "support": Group(
        "Times in which the publisher of an app sees a tenant's runs of it.",
        {
            "open": Command(
                "people.support",
                "Let the publisher of an app see your runs of it, with inputs, outputs and logs, and stop them.",
            ),
            "list": Command("people.support", "List the support sessions that are open."),
            "close": Command("people.support", "End a support session now."),
        },
    ),
    "pause": Group(
        "Steps that a breakpoint stopped.",
        {
            "list": Command("runs.pause", "List the pauses of a run, or of every paused run."),
            "show": Command("runs.pause", "Show a pause."),
            "take": Command("runs.pause", "Take a pause to decide it."),
            "release": Command("runs.pause", "Let copilots decide a pause again."),
            "resume": Command("runs.pause", "Let a paused step go on."),
        },
    ),
    "approval": Group(
        "Questions that workflows ask people.",
        {
            "list": Command("runs.approval", "List approvals, newest first; by default those that wait."),
            "show": Command("runs.approval", "Show an approval."),
            "approve": Command("runs.approval", "Approve."),
            "reject": Command("runs.approval", "Reject."),
        },
    ),
    "alert": Group(
        "The webhook that is notified of failed runs.",
        {
            "set": Command("events.alert", "Notify a public https URL of each failed run, with its explanation."),
            "show": Command("events.alert", "Show the webhook."),
            "remove": Command("events.alert", "Stop notifying the webhook."),
            "test": Command("events.alert", "Send a test message now."),
        },
    ),
    "webhook": Group(
        "Events for systems outside, signed by Standard Webhooks.",
        {
            "add": Command("events.webhook", "Subscribe a public https URL to events."),
            "list": Command("events.webhook", "List the webhooks."),
            "show": Command("events.webhook", "Show a webhook."),
            "test": Command("events.webhook", "Send a test message now."),
            "rotate": Command("events.webhook", "Make a new signing secret."),
            "disable": Command("events.webhook", "Stop notifying a webhook until it is enabled."),
            "enable": Command("events.webhook", "Notify a webhook again, from now on."),
            "remove": Command("events.webhook", "Delete a webhook, its secrets and its deliveries."),
            "deliveries": Command("events.webhook", "List deliveries, newest first, with their attempts."),
            "redeliver": Command("events.webhook", "Send a delivery again, or every failed one."),
        },
    ),
    "schedule": Group(
        "Workflows that start by the clock.",
        {
            "list": Command("events.schedule", "List schedules."),
        },
    ),
    "usage": Group(
        "What runs used, and what that is estimated to cost.",
        {
            "show": Command("people.usage", "Show the usage of a tenant, or of a publisher's app."),
        },
    ),
    "budget": Group(
        "What a tenant wants to spend in a month.",
        {
            "set": Command("people.budget", "Set a monthly budget."),
            "show": Command("people.budget", "Show the monthly budget."),
            "remove": Command("people.budget", "Remove the monthly budget."),
        },
    ),
    "quota": Group(
        "How much a tenant and its installs may have at once.",
        {
            "show": Command(
                "people.quota", "Show the quotas of a tenant and of its installs, and how much of them is in use."
            ),
            "set": Command(
                "people.quota",
                "Change the quotas of an install, as its tenant's admin, or of a tenant, as an operator.",
            ),
        },
    ),
    "audit": Group(
        "Who changed what, and when.",
        {
            "list": Command("people.audit", "List changes, newest first."),
        },
    ),
}
