"""Forks of many failed runs at once.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.fork_job import ForkJob, ForkJobRequest


class ForkJobsResource:
    """Forks of many failed runs at once."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

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
