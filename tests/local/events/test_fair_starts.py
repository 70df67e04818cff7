"""One tenant's backlog of starts delays no other tenant's: through bus, fair queue and starter of a real platform."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.limits import EVENTS_PER_PUT
from interlock.contract.event import USER_SOURCE
from interlock.local.platform import Platform
from tests.support.kit import Installed, Kit, bundle, eventually, kit_of, task

EVENTS = 1_000
SAMPLES = 5
EVENT = "backlog.grew"
TRIGGER = f'\n[[workflows.main.triggers]]\nevent = "{EVENT}"\n'
CODE = "from interlock import step\n\n\n@step\ndef work(value: dict) -> dict:\n    return {}\n"
LONG = {
    "StartAt": "Hold",
    "States": {"Hold": {"Type": "Wait", "Seconds": 3_600, "Next": "Work"}, "Work": task("work")},
}


@pytest.fixture(scope="module")
def fair(platform: Platform) -> Iterator[tuple[Kit, Installed, Installed]]:
    """A tenant with room for one run, which lasts, and another tenant with the same app."""
    with kit_of(platform) as kit:
        app = kit.app(bundle(CODE, {"work": ""}, {"main": LONG}, TRIGGER))
        kit.onboard("quiet")
        kit.operator.put(f"/v1/tenants/{app.tenant}/quotas", {"concurrent_runs": 1})
        yield kit, app, kit.install(app.app, tenant="quiet")
        queue = kit.client("sqs").get_queue_url(QueueName="interlock-starts")["QueueUrl"]
        kit.client("sqs").purge_queue(QueueUrl=queue)


def send(kit: Kit, tenant: str, numbers: range) -> None:
    """Send a few events on a tenant's bus."""
    entries: list[Any] = []
    for _ in numbers:
        detail: dict[str, Any] = {"id": uuid.uuid4().hex, "type": EVENT, "tenant": tenant, "at": now(), "data": {}}
        entry = {"EventBusName": names.bus_name(tenant), "Source": USER_SOURCE, "DetailType": EVENT}
        entries.append(entry | {"Detail": json.dumps(detail)})
    assert kit.client("events").put_events(Entries=entries)["FailedEntryCount"] == 0


def runs_of(kit: Kit, installed: Installed) -> int:
    """How many runs an install has, by the index that the API reads."""
    page = kit.tenants[installed.tenant].get(f"/v1/tenants/{installed.tenant}/runs", limit=100)
    return len(page["runs"])


def test_backlog_of_one_tenant_delays_no_others_starts(
    fair: tuple[Kit, Installed, Installed], capsys: pytest.CaptureFixture[str]
) -> None:
    kit, noisy, quiet = fair
    send(kit, quiet.tenant, range(1))
    eventually(lambda: runs_of(kit, quiet) or None, "the first run")

    def send_some(_: int) -> None:
        send(kit, noisy.tenant, range(EVENTS_PER_PUT))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send_some, range(EVENTS // EVENTS_PER_PUT)))
    delays: list[float] = []
    for number in range(SAMPLES):
        began = time.monotonic()
        send(kit, quiet.tenant, range(1))
        eventually(lambda number=number: runs_of(kit, quiet) == number + 2 or None, "the other tenant's run")
        delays.append(time.monotonic() - began)
    queue = kit.client("sqs").get_queue_url(QueueName="interlock-starts")["QueueUrl"]
    fields = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    left = kit.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=fields)["Attributes"]
    waiting = sum(int(left[name]) for name in fields)
    with capsys.disabled():
        text = ", ".join(f"{seconds:.2f}" for seconds in sorted(delays))
        sys.stdout.write(f"[{EVENTS} events of one tenant, {waiting} still wait: another's starts took {text} s]")
    # In the order of their arrival, the other tenant's starts would come behind all of these.
    assert waiting > EVENTS * 0.9
    assert runs_of(kit, noisy) == 1
