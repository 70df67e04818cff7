"""Events of the archive, sent to one install again.

Written by `python -m scripts.generate.client` from docs/openapi.json: change the routes, not this.
"""

from interlock.client.calls import Calls, part
from interlock.contract.event_replay import EventReplay, EventReplayRequest


class EventReplaysResource:
    """Events of the archive, sent to one install again."""

    def __init__(self, calls: Calls) -> None:
        """Make the calls by these."""
        self._calls = calls

    def create(self, tenant: str, body: EventReplayRequest, *, key: str = "") -> EventReplay:
        """Begin to replay events to an install, or count them without sending one.

        The same request with the same key answers the replay that has begun already.
        """
        return EventReplay.model_validate_json(
            self._calls.fetch("POST", f"/v1/tenants/{part(tenant)}/replays", body, key=key)
        )

    def get(self, tenant: str, replay: str) -> EventReplay:
        """Show an event replay and its progress."""
        return EventReplay.model_validate_json(
            self._calls.fetch("GET", f"/v1/tenants/{part(tenant)}/replays/{part(replay)}")
        )
