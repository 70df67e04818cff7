"""Trials: golden tests run once, differences are findings, and nothing is left behind."""

from __future__ import annotations

from itertools import count

import pytest

from interlock.aws.clients import client
from interlock.aws.services import artifacts, objects
from interlock.aws.tables.catalog import Catalog
from interlock.aws.tables.runs import run_key
from interlock.aws.tables.table import Key
from interlock.compiler.golden import Golden
from interlock.contract.core import names
from interlock.contract.core.failure import Rejected
from interlock.contract.envelope import StepError
from interlock.contract.registry import VersionStatus
from interlock.contract.run import RecordStatus
from interlock.contract.stand_in import AssetStandIn, HttpStandIn, StandIns
from interlock.control.events.catalog import search_assets
from interlock.control.publishing import trial
from interlock.control.publishing.context import PublishContext, Upload
from tests.support.cloud import AT, Cloud
from tests.support.crashes import World, crash_everywhere
from tests.support.publishing import UPLOAD, end, on_trial, put, started
from tests.support.records import record


def test_a_trial_starts_each_test_once_and_waits(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    assert trial.try_version(upload, publisher)["done"] is False
    assert trial.try_version(upload, publisher)["done"] is False
    messages = started(cloud)
    assert [row.input for row in messages] == [{"n": 1}] * 2
    assert len({row.install for row in messages}) == 2
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert version.status is VersionStatus.TRIAL
    end(cloud, version, [{"n": 2}, {"n": 2}])
    assert trial.try_version(upload, publisher) == {"done": True, "passed": 2, "tests": 2}


def test_differences_and_failures_of_tests_are_findings(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    trial.try_version(upload, publisher)
    end(cloud, cloud.registry.version("acme/app", "1.0.0").item, [{"n": "2", "m": True}, None])
    with pytest.raises(Rejected):
        trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    differs, failed = version.findings
    assert (differs.code, failed.code) == ("trial.differs", "trial.failed")
    assert '/n is "2", expected 2; /m is true, expected (absent)' in differs.what
    assert "ValueError: no n" in failed.what
    assert version.trial is not None
    assert version.trial.runs[0].run in differs.fix


def test_an_undecided_question_is_named_though_it_was_caught(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    end(cloud, version, [{"n": 2}, {"n": 2}])
    assert version.trial is not None
    first = version.trial.runs[0]
    name = "Interlock.ApprovalUndecided"
    run = cloud.runs.find(names.SANDBOX, first.run).item
    error = StepError(name=name, type=name)
    asking = record(run, state="Ask the owner", status=RecordStatus.FAILED, error=error)
    cloud.runs.end(Key(pk=run_key(names.SANDBOX, run.id).pk, sk="STEP#1"), asking)
    with pytest.raises(Rejected) as caught:
        trial.try_version(upload, publisher)
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == ("trial.undecided", "interlock.toml#tests.0")
    assert 'approvals = { "Ask the owner" = "approve" }' in finding.fix


def test_a_trial_that_takes_too_long_is_a_finding(cloud: Cloud, publisher: PublishContext) -> None:
    upload = on_trial(cloud, publisher)
    trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    assert version.trial is not None
    put(cloud, version, trial=version.trial.model_copy(update={"since": AT}))
    with pytest.raises(Rejected):
        trial.try_version(upload, publisher)
    assert [row.code for row in cloud.registry.version("acme/app", "1.0.0").item.findings] == ["trial.late"]


def test_a_trial_survives_a_kill_at_any_call_and_leaves_nothing(cloud: Cloud, publisher: PublishContext) -> None:
    apps = (f"acme/app-{number}" for number in count())

    def prepare() -> str:
        app = next(apps)
        on_trial(cloud, publisher, app)
        return app

    def act(app: str) -> None:
        upload = Upload(key=UPLOAD.replace("acme/app", app), object_version="v")
        trial.try_version(upload, publisher)
        version = cloud.registry.version(app, "1.0.0").item
        end(cloud, version, [{"n": 2}, {"n": 2}])
        assert trial.try_version(upload, publisher)["done"] is True
        trial.end_trial(version, publisher)

    def look(app: str) -> World:
        version = cloud.registry.version(app, "1.0.0").item
        runs = version.trial.runs if version.trial else ()
        return {
            "trial": {str(version.trial.over) if version.trial else ""},
            "installs": {row.id for row in cloud.registry.installs(names.SANDBOX) if row.app == app},
            "secrets": {row["Name"] for row in client("secretsmanager").list_secrets()["SecretList"]},
            "passed": {str(row.passed) for row in runs},
        }

    outcome = crash_everywhere("trial", prepare, act, look)
    assert outcome.wished == outcome.calls


def test_tests_are_furnished_apart_and_cleared(cloud: Cloud, publisher: PublishContext) -> None:
    furnished = Golden(
        workflow="main",
        input={"n": 1},
        expect={"n": 2},
        assets=(AssetStandIn(qualified_name="db/t", type="table", tags=("pii",)),),
        state={"seen/t": [1]},
        stand_ins=StandIns(http=(HttpStandIn(url="https://a.example/x"),), approvals={"Ask": "reject"}),
    )
    bare = Golden(workflow="main", input={"n": 1}, expect={"n": 2})
    upload = on_trial(cloud, publisher, tests=(furnished, bare))
    trial.try_version(upload, publisher)
    version = cloud.registry.version("acme/app", "1.0.0").item
    first, second = (row.install for row in version.trial.runs) if version.trial else ("", "")
    assert [row.qualified_name for row in search_assets(Catalog(names.SANDBOX, first)).assets] == ["db/t"]
    assert search_assets(Catalog(names.SANDBOX, second)).assets == search_assets(Catalog(names.SANDBOX)).assets == ()
    assert artifacts.read_json(cloud.bucket, names.state_prefix(names.SANDBOX, first) + "seen/t.json") == [1]
    assert cloud.registry.install(names.SANDBOX, first).item.stand_ins == furnished.stand_ins
    trial.end_trial(version, publisher)
    assert client("dynamodb").scan(TableName=names.catalog_table(names.SANDBOX))["Items"] == []
    assert objects.list_page(cloud.bucket, names.state_prefix(names.SANDBOX, first)) == []
