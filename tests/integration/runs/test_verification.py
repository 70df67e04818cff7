"""Verifications: recorded runs are repeated dry on the platform, and each is compared once its dry run is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.tables.table import Stored
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, Conflict, NotFound
from interlock.contract.core.page import PageRequest
from interlock.contract.run import Failed, Fork, Run, RunStatus
from interlock.contract.start_message import VERIFICATION, StartMessage, run_of
from interlock.contract.verification import Verification, VerificationRequest, VerificationStatus
from interlock.control.installs.context import InstallContext, install_context
from interlock.control.runs import verification as module
from interlock.control.runs.verification import (
    VerificationContext,
    list_verifications,
    request_verification,
    serve_verification,
    show_verification,
    stop_verification,
)
from tests.support.cloud import TENANT, Cloud, life_settings, listed
from tests.support.fork_jobs import copies
from tests.support.forks import RUN, failed_run, put_flow, record
from tests.support.records import received

MANY = module.START_PAGE * 2 + 1


@pytest.fixture
def context(cloud: Cloud) -> VerificationContext:
    forker = failed_run(cloud)
    version = listed(cloud, version="1.1.0")
    put_flow(cloud, version.version, version.digest)
    return VerificationContext(forks=forker, installs=installs(cloud))


def installs(cloud: Cloud) -> InstallContext:
    return install_context(life_settings(cloud))


def begin(context: VerificationContext, **fields: Any) -> Verification:
    return request_verification(context, TENANT, VerificationRequest.model_validate(fields), "me")


def served(cloud: Cloud, context: VerificationContext) -> list[StartMessage]:
    """Serve the messages of verifications until none is left; the forks that they sent."""
    forks: list[StartMessage] = []
    while bodies := received(cloud.queue):
        for message in map(StartMessage.model_validate_json, bodies):
            if message.kind == VERIFICATION:
                serve_verification(message, context.forks)
            else:
                forks.append(message)
    return forks


def end_fork(cloud: Cloud, message: StartMessage, output: Any = None, **fields: Any) -> None:
    """The dry run of a message, over; its first step answered `output`, or what was recorded."""
    parent = cloud.runs.find(TENANT, message.trigger.removeprefix("fork:")).item
    name = run_of(message)
    execution = f"{parent.execution.rpartition('_')[0]}_{name}"
    fork = Fork(parent=parent.id, root=parent.id, dry=True)
    update = {"id": name, "fork": fork, "execution": execution, "version": "1.1.0"}
    run = parent.model_copy(update=update | fields)
    cloud.runs.create(run)
    rows = [row for _, row in cloud.runs.records(TENANT, parent.id)]
    for at, row in enumerate(rows):
        there = output if output is not None and at == 0 else None
        value = there or (cloud_value(cloud, parent, row.output.key) if row.output else None)
        record(cloud, run, row.state, row.entered, value)


def cloud_value(cloud: Cloud, run: Run, key: str) -> Any:
    from interlock.aws.tables.bodies import Bodies
    from interlock.contract.run import Body

    digest = key.rsplit("/", 1)[-1].removesuffix(".json")
    return Bodies(cloud.bucket, TENANT, run.id).read(Body(key=key, digest=digest))


def test_a_verification_compares_each_run_with_its_record(cloud: Cloud, context: VerificationContext) -> None:
    others = copies(cloud, 2)
    job = begin(context, version="1.1.0", runs=[RUN, others[0].id, others[1].id])
    assert (job.status, job.app, job.total, job.counts) == (VerificationStatus.STARTING, "acme/app", 3, {"waiting": 3})
    forks = served(cloud, context)
    assert {message.trigger for message in forks} == {f"fork:{run}" for run in (RUN, others[0].id, others[1].id)}
    assert all(order.request.dry and order.request.whole for order in (message.fork for message in forks) if order)
    assert show_verification(context, TENANT, job.id).status is VerificationStatus.COMPARING
    by_run = {message.trigger.removeprefix("fork:"): message for message in forks}
    end_fork(cloud, by_run[RUN])
    end_fork(cloud, by_run[others[0].id], {"text": "y" * 2_000}, failed=Failed(error="Other", state="Two"))
    half = show_verification(context, TENANT, job.id)
    assert half.counts == {"same": 1, "differs": 1, "waiting": 1}
    end_fork(cloud, by_run[others[1].id])
    whole = show_verification(context, TENANT, job.id)
    assert (whole.status, whole.counts) == (VerificationStatus.DONE, {"same": 2, "differs": 1})
    assert whole.ended
    verdicts = {row.run: row for row in whole.verdicts}
    assert (verdicts[RUN].verdict, verdicts[RUN].ended) == ("same", "failed at Two: ValueError")
    other = verdicts[others[0].id]
    assert (other.ended, other.differences) == ("failed at Two: Other", 2)
    assert other.first is not None
    assert (other.first.aspect, other.first.where, other.first.field) == ("output", "One", "/text")
    assert len(str(other.first.b)) == module.VALUE_CHARS


def test_pages_start_each_dry_run_once(cloud: Cloud, context: VerificationContext) -> None:
    runs = [RUN, *(run.id for run in copies(cloud, MANY - 1))]
    job = begin(context, version="1.1.0", runs=runs)
    (body,) = received(cloud.queue)
    message = StartMessage.model_validate_json(body)
    first = serve_verification(message, context.forks)
    assert sum(bool(row.fork) for row in first.verdicts) == module.START_PAGE
    # Its progress was lost: the same page is served again, and the forks have the same ids.
    later = Stored(item=job, rev=context.jobs.find(TENANT, job.id).rev)
    context.jobs.write(later)
    sent = {run_of(row) for row in served(cloud, context)}
    assert len(sent) == MANY
    assert {row.fork for row in show_verification(context, TENANT, job.id).verdicts} == sent


def test_some_are_compared_at_a_time(
    cloud: Cloud, context: VerificationContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPARED_AT_ONCE", 1)
    job = begin(context, version="1.1.0", runs=[RUN, copies(cloud, 1)[0].id])
    for message in served(cloud, context):
        end_fork(cloud, message)
    seen = [show_verification(context, TENANT, job.id).counts for _ in range(3)]
    assert seen == [{"same": 1, "waiting": 1}, {"same": 2}, {"same": 2}]


def test_a_run_that_cannot_be_repeated_is_refused(cloud: Cloud, context: VerificationContext) -> None:
    cloud.runs.change(TENANT, RUN, lambda run: run.model_copy(update={"status": RunStatus.RUNNING}))
    job = begin(context, version="1.1.0", runs=[RUN])
    assert served(cloud, context) == []
    (row,) = show_verification(context, TENANT, job.id).verdicts
    assert (row.verdict, row.code, row.refused) == ("refused", "run-not-over", "the run is running")
    assert show_verification(context, TENANT, job.id).status is VerificationStatus.DONE


def test_the_last_runs_are_those_that_ended_by_themselves(cloud: Cloud, context: VerificationContext) -> None:
    copies(cloud, 2)
    first = cloud.runs.find(TENANT, RUN).item
    early = moment(datetime.now(UTC) - timedelta(hours=1))
    for name, fields in {
        "aborted": {"status": RunStatus.ABORTED},
        "running": {"status": RunStatus.RUNNING, "ended": None},
        "fork": {"fork": Fork(parent=RUN, root=RUN)},
        "good": {"status": RunStatus.SUCCEEDED, "failed": None, "started": early},
    }.items():
        cloud.runs.create(first.model_copy(update={"id": name} | fields))
    job = begin(context, version="1.1.0", app="acme/app", last=10)
    assert [row.run for row in job.verdicts] == [RUN, "copy0", "copy1", "good"]
    assert [row.run for row in begin(context, version="1.1.0", app="acme/app", last=2).verdicts] == [RUN, "copy0"]
    with pytest.raises(NotFound) as refused:
        begin(context, version="1.1.0", app="acme/app", workflow="other", last=2)
    assert refused.value.code == "no-run-over"


def test_an_upgrade_is_rehearsed_with_the_installs_last_runs(cloud: Cloud, context: VerificationContext) -> None:
    install = cloud.runs.find(TENANT, RUN).item.install
    for wanted in (install, "app"):
        job = begin(context, install=wanted, version="1.1.0")
        assert (job.app, job.version, job.install) == ("acme/app", "1.1.0", install)
        assert [row.run for row in job.verdicts] == [RUN]
    with pytest.raises(NotFound):
        begin(context, install="nothing", version="1.1.0")


@pytest.mark.parametrize(
    "fields",
    [
        {"runs": [RUN]},
        {"version": "1.1.0"},
        {"version": "1.1.0", "last": 3},
        {"version": "1.1.0", "app": "acme/app"},
        {"version": "1.1.0", "runs": [RUN], "last": 3},
        {"runs": [RUN], "install": "app"},
    ],
)
def test_a_request_that_does_not_say_what_is_refused(context: VerificationContext, fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        begin(context, **fields)


def test_a_run_of_another_tenant_is_not_there(cloud: Cloud, context: VerificationContext) -> None:
    foreign = cloud.runs.find(TENANT, RUN).item.model_copy(update={"id": "theirs", "tenant": "globex"})
    cloud.runs.create(foreign)
    with pytest.raises(NotFound):
        begin(context, version="1.1.0", runs=["theirs"])


def test_a_key_begins_one_verification(cloud: Cloud, context: VerificationContext) -> None:
    first = begin(context, version="1.1.0", runs=[RUN], key="k")
    assert begin(context, version="1.1.0", runs=[RUN], key="k").id == first.id
    with pytest.raises(NotFound, match="does not exist"):
        begin(context, version="9.9.9", runs=[RUN])
    with pytest.raises(Conflict) as refused:
        begin(context, version="1.0.0", runs=[RUN], key="k")
    assert refused.value.code == "verification-key"
    other = begin(context, version="1.1.0", runs=[RUN])
    page = list_verifications(context, TENANT, PageRequest(10))
    assert {row.id for row in page.verifications} == {first.id, other.id}
    assert list_verifications(context, "globex", PageRequest(10)).verifications == ()


def test_a_stopped_verification_starts_nothing_more(cloud: Cloud, context: VerificationContext) -> None:
    job = begin(context, version="1.1.0", runs=[RUN])
    stopped = stop_verification(context, TENANT, job.id, "you")
    assert (stopped.status, stopped.stopped_by) == (VerificationStatus.STOPPED, "you")
    assert stop_verification(context, TENANT, job.id, "me") == stopped
    assert served(cloud, context) == []
    assert show_verification(context, TENANT, job.id) == stopped
    with pytest.raises(NotFound):
        stop_verification(context, TENANT, "absent", "me")


def test_a_verification_that_is_done_cannot_be_stopped(cloud: Cloud, context: VerificationContext) -> None:
    job = begin(context, version="1.1.0", runs=[RUN])
    for message in served(cloud, context):
        end_fork(cloud, message)
    show_verification(context, TENANT, job.id)
    with pytest.raises(Conflict) as refused:
        stop_verification(context, TENANT, job.id, "me")
    assert refused.value.code == "verification-done"
