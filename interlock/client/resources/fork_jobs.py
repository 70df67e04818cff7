"""Forks of many failed runs at once.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.fork_job import ForkJob, ForkJobPage, ForkJobRequest, ForkJobSummary


class ForkJobsResource:
    """Forks of many failed runs at once."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> ForkJobPage:
        """List the fork jobs of a tenant with their counts, newest first.

        A page may be short and not the last.
        """
        return ForkJobPage.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/fork-jobs", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[ForkJobSummary]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, limit=limit, cursor=cursor), lambda page: page.jobs, most, 100
        )

    def create(self, tenant: str, body: ForkJobRequest, *, key: str = "") -> ForkJob:
        """Begin to fork the failed runs that match a filter, or count them without forking one.

        A run that has a fork that succeeded, or that is not over, is skipped. The same request with the same key
        answers the job that has begun already.
        """
        return ForkJob.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/fork-jobs", body, key=key)
        )

    def get(self, tenant: str, job: str) -> ForkJob:
        """Show a fork job and its progress."""
        return ForkJob.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/fork-jobs/{part(job)}")
        )

    def stop(self, tenant: str, job: str, *, key: str = "") -> ForkJob:
        """Stop a fork job.

        It forks no further run; the forks that it requested go on.
        """
        return ForkJob.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/fork-jobs/{part(job)}/stop", {}, key=key)
        )
