"""Two hundred starts at once by the API: each is accepted, or refused with a time to try again; each runs once."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from interlock.cli.terminal.client import ProfileTransport
from interlock.contract.run import RunStatus
from interlock.local.platform import Platform
from tests.support.kit import Installed, Kit, bundle, eventually, kit_of, single, task

STARTS = 200
CODE = "from interlock import step\n\n\n@step\ndef work(value: dict) -> dict:\n    return value\n"
ACCEPTED, BUSY = 202, (429, 503)


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[tuple[Kit, Installed]]:
    with kit_of(platform) as kit:
        yield kit, kit.app(bundle(CODE, {"work": ""}, {"main": single(task("work"))}))


def runs_of(kit: Kit, installed: Installed) -> list[dict[str, str]]:
    path, rows, cursor = f"/v1/tenants/{installed.tenant}/runs", list[dict[str, str]](), None
    while True:
        page = kit.tenants[installed.tenant].get(path, limit=100, cursor=cursor)
        rows += page["runs"]
        cursor = page["cursor"]
        if not cursor:
            return rows


def test_start_is_accepted_or_says_when_to_try_again(
    app: tuple[Kit, Installed], capsys: pytest.CaptureFixture[str]
) -> None:
    kit, installed = app
    profile = kit.tenants[installed.tenant].profile
    headers = ProfileTransport(profile).headers() | {"Content-Type": "application/json"}
    url = f"{profile.api_url}/v1/tenants/{installed.tenant}/runs"
    pool = urllib3.PoolManager(maxsize=STARTS, timeout=60, retries=False)
    together = threading.Barrier(STARTS, timeout=30)

    def start(number: int) -> urllib3.BaseHTTPResponse:
        body = json.dumps({"install": installed.install, "input": {"n": number}}).encode()
        together.wait()
        return pool.request("POST", url, body=body, headers=headers)

    with ThreadPoolExecutor(STARTS) as threads:
        answers = list(threads.map(start, range(STARTS)))
    counts = Counter(answer.status for answer in answers)
    assert set(counts) <= {ACCEPTED, *BUSY}, counts
    assert all(answer.headers.get("Retry-After") for answer in answers if answer.status in BUSY)
    accepted = {json.loads(answer.data)["run"] for answer in answers if answer.status == ACCEPTED}
    assert len(accepted) == counts[ACCEPTED] > 0

    def over() -> list[dict[str, str]] | None:
        rows = runs_of(kit, installed)
        return rows if sum(row["status"] == RunStatus.SUCCEEDED.value for row in rows) >= len(accepted) else None

    rows = eventually(over, "every accepted run", 180)
    assert {row["id"] for row in rows} == accepted
    with capsys.disabled():
        sys.stdout.write(f" [{STARTS} starts at once: {dict(counts)}]")
