"""What the steps of a run printed and logged.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from collections.abc import Iterator

from interlock.client.calls import Calls, part, rows
from interlock.contract.log import LogLine, LogPage


class LogsResource:
    """What the steps of a run printed and logged."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def list(
        self, tenant: str, run: str, *, state: str | None = None, since: str | None = None, cursor: str | None = None
    ) -> LogPage:
        """List the lines that the steps of a run printed and logged.

        A page may be short and not the last. The pages go through the run's functions one by one; within a function the
        lines are in the order of time. A line may arrive seconds after it was written: to follow a run, ask with a
        `since` that is a minute before the last line.
        """
        return LogPage.model_validate_json(
            self._calls.fetch(
                "GET",
                f"/v1/tenants/{part(tenant)}/runs/{part(run)}/logs",
                query={"state": state, "since": since, "cursor": cursor},
            )
        )

    def iterate(
        self, tenant: str, run: str, *, state: str | None = None, since: str | None = None, most: int | None = None
    ) -> Iterator[LogLine]:
        """Every row of `list`, page by page; at most `most` of them."""
        return rows(
            lambda limit, cursor: self.list(tenant, run, state=state, since=since, cursor=cursor),
            lambda page: page.lines,
            most,
            1,
        )
