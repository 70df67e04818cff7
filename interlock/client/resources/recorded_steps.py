"""What the gate recorded of a run's steps.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.debug_step import BodyRef, BundleRef, DebugStep, Secrets, SecretsRequest
from interlock.contract.run import Outline, OutlinePage, StepPage, StepRecord
from interlock.contract.run_export import RunExport
from interlock.contract.state_flow import StateFlow, StateFlowPage


class RecordedStepsResource:
    """What the gate recorded of a run's steps."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def get_body(self, tenant: str, run: str, *, key: str) -> BodyRef:
        """Show where a recorded body is stored: its digest, and a URL that is valid for five minutes."""
        return BodyRef.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/bodies", query={"key": key})
        )

    def get_bundle(self, tenant: str, run: str) -> BundleRef:
        """Show the exact bundle of a run: its digest, its size, and a URL that is valid for five minutes."""
        return BundleRef.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/bundle")
        )

    def get(self, tenant: str, run: str, *, state: str | None = None, attempt: int | None = None) -> DebugStep:
        """Show a recorded attempt with everything that runs it again elsewhere."""
        return DebugStep.model_validate_json(
            self._calls.fetch(
                "GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/debug", query={"state": state, "attempt": attempt}
            )
        )

    def export(self, tenant: str, run: str, *, key: str = "") -> RunExport:
        """Write a run that is over to a file, redacted: its records, bodies, effects and states.

        The file is that of `interlock run export`; the URL is valid for five minutes. `interlock run import` opens it.
        """
        return RunExport.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/export", {}, key=key)
        )

    def list_flows(
        self, tenant: str, run: str, *, state: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> StateFlowPage:
        """List what each state of a run did with its data: its input, each stage of its data flow, and its output.

        It is computed from the definition and the records, within bounds of time and memory, and covers states that
        have no records: Choice, Pass, Wait, Map, Parallel. What is sensitive is redacted. Without `state` the page has
        every entry into a state, in the order of time. A page may be short and not the last.
        """
        return StateFlowPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/flow",
                query={"state": state, "limit": limit, "cursor": cursor},
            )
        )

    def iterate_flows(
        self, tenant: str, run: str, *, state: str | None = None, most: int | None = None
    ) -> Iterator[StateFlow]:
        """Every row of `list_flows`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_flows(tenant, run, state=state, limit=limit, cursor=cursor),
            lambda page: page.flows,
            most,
            1000,
        )

    def list_outlines(self, tenant: str, run: str, *, cursor: str | None = None) -> OutlinePage:
        """List the outlines of the step records of a run: what tells visits apart, without bodies and effects."""
        return OutlinePage.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/outlines", query={"cursor": cursor})
        )

    def iterate_outlines(self, tenant: str, run: str, *, most: int | None = None) -> Iterator[Outline]:
        """Every row of `list_outlines`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list_outlines(tenant, run, cursor=cursor), lambda page: page.steps, most, 1
        )

    def read_secrets(self, tenant: str, run: str, body: SecretsRequest, *, key: str = "") -> Secrets:
        """Read values of the install's secrets; for the tenant's own admins, and logged."""
        return Secrets.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/runs/{part(run)}/secrets", body, key=key)
        )

    def list(
        self,
        tenant: str,
        run: str,
        *,
        whole: bool | None = None,
        newest: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> StepPage:
        """List the step records of a run, in the order in which their states were entered."""
        return StepPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/steps",
                query={"whole": whole, "newest": newest, "limit": limit, "cursor": cursor},
            )
        )

    def iterate(
        self, tenant: str, run: str, *, whole: bool | None = None, newest: bool | None = None, most: int | None = None
    ) -> Iterator[StepRecord]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, run, whole=whole, newest=newest, limit=limit, cursor=cursor),
            lambda page: page.steps,
            most,
            1000,
        )
