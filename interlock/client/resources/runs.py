"""Executions of a workflow for an install.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.definition import WorkflowDefinition
from interlock.contract.diff import RunDiff
from interlock.contract.explain import ExplanationView, FailureGroup, FailureGroups
from interlock.contract.fork import ForkAccepted, ForkRequest
from interlock.contract.history import HistoryRef
from interlock.contract.run import Run, RunStatus
from interlock.contract.run_graph import RunGraph
from interlock.contract.run_request import RunAccepted, RunRequest, StopRequest
from interlock.contract.run_summary import RunSummary
from interlock.contract.search import RunPage
from interlock.contract.trace import RunTrace


class RunsResource:
    """Executions of a workflow for an install."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list_failures(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> FailureGroups:
        """List the failures of a tenant, grouped by fingerprint; the group that failed last comes first."""
        return FailureGroups.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/failures", query={"limit": limit, "cursor": cursor})
        )

    def iterate_failures(self, tenant: str, *, most: int | None = None) -> Iterator[FailureGroup]:
        """Every row of `list_failures`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_failures(tenant, limit=limit, cursor=cursor),
            lambda page: page.groups,
            most,
            200,
        )

    def list(
        self,
        tenant: str,
        *,
        app: str | None = None,
        install: str | None = None,
        version: str | None = None,
        workflow: str | None = None,
        status: RunStatus | None = None,
        ended_badly: bool | None = None,
        forks: bool | None = None,
        dry: bool | None = None,
        caused_by: str | None = None,
        event: str | None = None,
        state: str | None = None,
        error: str | None = None,
        fingerprint: str | None = None,
        tag: str | None = None,
        since: str | None = None,
        until: str | None = None,
        longer: str | None = None,
        shorter: str | None = None,
        input: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> RunPage:
        """List the runs that pass the filters, newest first.

        A page may be short and not the last.
        """
        return RunPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/runs",
                query={
                    "app": app,
                    "install": install,
                    "version": version,
                    "workflow": workflow,
                    "status": status,
                    "ended_badly": ended_badly,
                    "forks": forks,
                    "dry": dry,
                    "caused_by": caused_by,
                    "event": event,
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

    def iterate(
        self,
        tenant: str,
        *,
        app: str | None = None,
        install: str | None = None,
        version: str | None = None,
        workflow: str | None = None,
        status: RunStatus | None = None,
        ended_badly: bool | None = None,
        forks: bool | None = None,
        dry: bool | None = None,
        caused_by: str | None = None,
        event: str | None = None,
        state: str | None = None,
        error: str | None = None,
        fingerprint: str | None = None,
        tag: str | None = None,
        since: str | None = None,
        until: str | None = None,
        longer: str | None = None,
        shorter: str | None = None,
        input: str | None = None,
        most: int | None = None,
    ) -> Iterator[Run]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(
                tenant,
                app=app,
                install=install,
                version=version,
                workflow=workflow,
                status=status,
                ended_badly=ended_badly,
                forks=forks,
                dry=dry,
                caused_by=caused_by,
                event=event,
                state=state,
                error=error,
                fingerprint=fingerprint,
                tag=tag,
                since=since,
                until=until,
                longer=longer,
                shorter=shorter,
                input=input,
                limit=limit,
                cursor=cursor,
            ),
            lambda page: page.runs,
            most,
            200,
        )

    def start(self, tenant: str, body: RunRequest, *, key: str = "") -> RunAccepted:
        """Start a run of an installed app.

        Breakpoints on it need the permission to debug runs.
        """
        return RunAccepted.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs", body, key=key)
        )

    def get(self, tenant: str, run: str, *, whole: bool | None = None) -> Run:
        """Show one run."""
        return Run.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}", query={"whole": whole})
        )

    def get_definition(self, tenant: str, run: str) -> WorkflowDefinition:
        """Show the definition of a run's workflow, as its app has it."""
        return WorkflowDefinition.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/definition")
        )

    def diff(self, tenant: str, run: str, *, other: str, whole: bool | None = None) -> RunDiff:
        """Show how another run of the tenant differs from a run: path, inputs, outputs, effects and errors.

        What is sensitive is redacted. Of visits past the first 200 that differ, the digests are compared.
        """
        return RunDiff.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/diff", query={"other": other, "whole": whole}
            )
        )

    def explain(self, tenant: str, run: str) -> ExplanationView:
        """Explain why a run failed.

        The answer has the first cause, what it read, and what differs from the last run that succeeded; also as text.
        """
        return ExplanationView.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/explain")
        )

    def list_forks(self, tenant: str, run: str, *, limit: int | None = None, cursor: str | None = None) -> RunPage:
        """List the forks of a run, newest first."""
        return RunPage.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/forks", query={"limit": limit, "cursor": cursor}
            )
        )

    def iterate_forks(self, tenant: str, run: str, *, most: int | None = None) -> Iterator[Run]:
        """Every row of `list_forks`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_forks(tenant, run, limit=limit, cursor=cursor),
            lambda page: page.runs,
            most,
            100,
        )

    def fork(self, tenant: str, run: str, body: ForkRequest, *, key: str = "") -> ForkAccepted:
        """Fork a run that is over: a new run that reuses its recorded steps up to the fork point."""
        return ForkAccepted.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/forks", body, key=key)
        )

    def get_graph(self, tenant: str, run: str) -> RunGraph:
        """Show the workflow of a run as a graph, with what the run did in each state.

        Items of a Map and rounds of a loop are counted, not listed: the answer is as large as the workflow. It has no
        bodies; the recorded steps have them.
        """
        return RunGraph.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/graph")
        )

    def get_history(self, tenant: str, run: str) -> HistoryRef:
        """Show where the full history of a run is stored.

        It is fetched from Step Functions when nobody did so before.
        """
        return HistoryRef.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/history")
        )

    def stop(self, tenant: str, run: str, body: StopRequest, *, key: str = "") -> Run:
        """Stop a run in flight.

        It is aborted a moment later.
        """
        return Run.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/stop", body, key=key)
        )

    def get_trace(self, tenant: str, run: str) -> RunTrace:
        """Show the X-Ray trace of a run as a waterfall."""
        return RunTrace.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/trace")
        )

    def summarize(
        self, tenant: str, *, query: str | None = None, by: str | None = None, zone: str | None = None
    ) -> RunSummary:
        """Count the runs that a query means, in groups, with how long they took: the newest 5,000 are looked at."""
        return RunSummary.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/runs:summary", query={"query": query, "by": by, "zone": zone}
            )
        )
