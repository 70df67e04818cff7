"""The schedules of a tenant's installs.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.schedule import ScheduleList, ScheduleRow


class SchedulesResource:
    """The schedules of a tenant's installs."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(self, tenant: str, *, limit: int | None = None, cursor: str | None = None) -> ScheduleList:
        """List the schedules of a page of the tenant's installs, with their last times and their next ones."""
        return ScheduleList.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/schedules", query={"limit": limit, "cursor": cursor})
        )

    def iterate(self, tenant: str, *, most: int | None = None) -> Iterator[ScheduleRow]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, limit=limit, cursor=cursor), lambda page: page.schedules, most, 100
        )
