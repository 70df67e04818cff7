"""What a fork is refused for before anything starts: records, payloads and permissions that are not there any more."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.forks import Forks, first_key
from interlock.contract.core import limits, names
from interlock.contract.core.failure import BadRequest, Failure, NotFound, Rejected
from interlock.contract.core.page import PageRequest
from interlock.contract.fork import ForkLink, ForkRequest, ReuseEntry, Role
from interlock.contract.run import Fork
from interlock.control.inspection.recorded_step import RecordedStepContext, debug_step
from interlock.control.runs.fork import ForkContext, list_forks, request_fork
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.forks import RUN, failed_run, put_flow


def fork(forker: ForkContext, **request: Any) -> Any:
    return request_fork(forker, TENANT, RUN, ForkRequest(**request), "me")


def codes(refused: pytest.ExceptionInfo[Rejected]) -> list[str]:
    return [row.code for row in refused.value.findings]


def queued(cloud: Cloud) -> int:
    fields = {"QueueUrl": cloud.queue, "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(client("sqs").get_queue_attributes(**fields)["Attributes"]["ApproximateNumberOfMessages"])


def test_a_fork_that_is_possible_is_queued_once(cloud: Cloud) -> None:
    accepted = fork(failed_run(cloud), key="k")
    assert (accepted.parent, accepted.at, accepted.reuses, queued(cloud)) == (RUN, "Two", 1, 1)


def test_a_run_lists_its_forks_newest_first(cloud: Cloud) -> None:
    failed_run(cloud)
    parent = cloud.runs.find(TENANT, RUN).item
    for number in (1, 2, 3):
        child = parent.model_copy(update={"id": f"f{number}", "started": f"2026-02-0{number}T00:00:00.000Z"})
        cloud.runs.create(child)
        for _ in range(2):
            Forks(cloud.runs.table).link(TENANT, RUN, ForkLink(run=child.id, dry=False, at=child.started))
    Forks(cloud.runs.table).link(TENANT, RUN, ForkLink(run="gone", dry=False, at="2026-02-09T00:00:00.000Z"))
    first = list_forks(cloud.runs, TENANT, RUN, PageRequest(3))
    assert [run.id for run in first.runs] == ["f3", "f2"]
    rest = list_forks(cloud.runs, TENANT, RUN, PageRequest(3, first.cursor))
    assert ([run.id for run in rest.runs], rest.cursor) == (["f1"], None)
    with pytest.raises(NotFound):
        list_forks(cloud.runs, TENANT, "nothing", PageRequest(3))
    with pytest.raises(BadRequest):
        list_forks(cloud.runs, TENANT, RUN, PageRequest(3, "another"))


@pytest.mark.parametrize("days, code", [(limits.RECORD_DAYS + 1, "run-expired"), (limits.RECORD_DAYS - 1, "")])
def test_a_run_past_its_retention_is_not_forked(cloud: Cloud, days: int, code: str) -> None:
    forker = failed_run(cloud, ended_days=days)
    if not code:
        assert fork(forker).reuses == 1
        return
    with pytest.raises(NotFound) as refused:
        fork(forker)
    assert (refused.value.code, queued(cloud)) == (code, 0)


def test_a_run_without_records_is_neither_forked_nor_debugged(cloud: Cloud) -> None:
    forker = failed_run(cloud, records=False)
    with pytest.raises(NotFound) as refused:
        fork(forker)
    assert (refused.value.code, queued(cloud)) == ("run-expired", 0)
    with pytest.raises(Failure, match="of a step") as refusal:
        debug_step(RecordedStepContext(cloud.registry, cloud.runs, cloud.bucket), TENANT, RUN, "", None)
    assert "no record of a step" in refusal.value.what


def test_a_payload_that_is_gone_can_not_be_accepted(cloud: Cloud) -> None:
    forker = failed_run(cloud)
    for row in client("s3").list_objects_v2(Bucket=cloud.bucket, Prefix=names.run_prefix(TENANT, RUN))["Contents"]:
        client("s3").delete_object(Bucket=cloud.bucket, Key=row["Key"])
    with pytest.raises(Rejected) as refused:
        fork(forker, accept=("fork.payload-gone",))
    assert (codes(refused), refused.value.findings[0].where, queued(cloud)) == (["fork.payload-gone"], "One", 0)
    assert fork(forker, whole=True, dry=True).reuses == 0


def test_a_version_that_asks_for_more_is_not_forked_to(cloud: Cloud) -> None:
    forker = failed_run(cloud)
    wider = {"catalog": ["read", "write"], "secrets": ["key"], "state": True, "egress": ["api.example.com:443"]}
    later = listed(cloud, version="1.1.0", permissions=wider)
    put_flow(cloud, later.version, later.digest)
    with pytest.raises(Rejected) as refused:
        fork(forker, version="1.1.0", accept=("fork.permissions",))
    assert (codes(refused), queued(cloud)) == (["fork.permissions"], 0)
    assert "catalog:write" in refused.value.findings[0].what
    assert "catalog:read" not in refused.value.findings[0].what


def test_a_dry_run_is_forked_dry_only(cloud: Cloud) -> None:
    dry = Fork(parent="p", root="p", dry=True)
    forker = failed_run(cloud, fork=dry)
    with pytest.raises(Rejected) as refused:
        fork(forker, accept=("fork.dry-parent",))
    assert codes(refused) == ["fork.dry-parent"]
    assert fork(forker, dry=True).dry


def test_the_first_entry_of_a_position_is_where_the_gate_looks(cloud: Cloud) -> None:
    fields: dict[str, Any] = {"state": "A", "role": Role.SERVE, "visit": "v"}
    entries = [
        ReuseEntry(ordinal=at, digest=digest * 64, record=f"r{at}", **fields) for at, digest in enumerate("abab")
    ]
    forks = Forks(cloud.runs.table)
    forks.write(TENANT, RUN, entries)
    for digest, first in (("a", 0), ("b", 1)):
        result = forks.find(TENANT, RUN, "A", None, digest * 64)
        assert result[0].key == first_key(TENANT, RUN, "A", None, digest * 64)
        assert [row.entry.ordinal for row in result] == [first, first + 2]
    assert [row.entry.ordinal for row in forks.find(TENANT, RUN, "A", None)] == [0, 1, 2, 3]
    assert first_key(TENANT, RUN, "A", 3, "a" * 64) not in [row.key for row in forks.find(TENANT, RUN, "A", 3)]
