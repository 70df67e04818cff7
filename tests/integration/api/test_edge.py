"""What holds for every call of the control API: once under a key, tagged, limited."""

from __future__ import annotations

import time

import pytest

from interlock.aws.clients import client
from interlock.contract.core import limits
from interlock.contract.core.base import now
from interlock.contract.history import HistoryRef
from interlock.contract.registry import Membership, Role
from interlock.contract.run import Body
from interlock.control.inspection.history import history_key
from tests.support.api import Call, caller
from tests.support.cloud import TENANT, Cloud, listed
from tests.support.installs import REQUEST
from tests.support.records import a_run, installed, put, record


@pytest.fixture
def call(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the API as a tenant's admin, as API Gateway hands it over."""
    return caller(cloud, monkeypatch)


INSTALLS = f"/v1/tenants/{TENANT}/installs"


def test_a_long_answer_is_compressed_for_who_takes_it(call: Call, cloud: Cloud) -> None:
    run = a_run(installed(cloud), input=Body(value="x" * 70_000))
    cloud.runs.create(run)
    path = f"/v1/tenants/{TENANT}/runs/{run.id}"
    plain, packed = call("GET", path), call("GET", path, accept_encoding="gzip, br")
    assert "content-encoding" not in plain["headers"]
    assert (packed["headers"]["content-encoding"], packed["headers"]["vary"]) == ("gzip", "Accept-Encoding")
    assert packed["body"] == plain["body"]
    assert packed["headers"]["etag"] == plain["headers"]["etag"]
    assert "content-encoding" not in call("GET", INSTALLS, accept_encoding="gzip")["headers"]


def test_a_post_under_a_key_is_done_once(call: Call, cloud: Cloud) -> None:
    body = REQUEST.model_dump(mode="json")
    first = call("POST", INSTALLS, body, idempotency_key="k1")
    again = call("POST", INSTALLS, body, idempotency_key="k1")
    assert (first["status"], again["status"]) == (202, 202)
    assert again["body"] == first["body"]
    assert again["headers"]["idempotency-replayed"] == "true"
    assert len(cloud.registry.installs(TENANT)) == 1
    other = call("POST", INSTALLS, body | {"channel": "beta"}, idempotency_key="k1")
    assert (other["status"], other["body"]["detail"]) == (422, "the key was used for another call")
    assert call("POST", INSTALLS, body, principal="stranger", idempotency_key="k1")["status"] == 403


def test_a_call_that_failed_can_be_tried_again_under_its_key(call: Call, cloud: Cloud) -> None:
    wrong = call("POST", INSTALLS, {"app": "acme/absent"}, idempotency_key="k")
    assert wrong["status"] == 404
    listed(cloud, app="acme/absent")
    right = call("POST", INSTALLS, REQUEST.model_dump(mode="json") | {"app": "acme/absent"}, idempotency_key="k")
    assert right["status"] == 202
    assert call("POST", INSTALLS, {}, idempotency_key="k" * 201)["status"] == 400


def test_a_write_with_an_etag_needs_the_version_that_was_read(call: Call, cloud: Cloud) -> None:
    install = cloud.install(REQUEST).id
    path = f"{INSTALLS}/{install}"
    read = call("GET", path)
    tag = read["headers"]["etag"]
    same = call("GET", path, if_none_match=tag)
    assert (same["status"], same["body"], same["headers"]["etag"]) == (304, None, tag)
    assert call("PUT", path, {"channel": "beta"}, if_match=tag)["status"] == 200
    stale = call("PUT", path, {"channel": "pinned"}, if_match=tag)
    assert (stale["status"], stale["body"]["code"]) == (412, "changed")
    assert cloud.registry.install(TENANT, install).item.channel == "beta"
    assert call("GET", path, if_none_match=tag)["status"] == 200


def test_a_caller_has_so_many_calls_a_minute(call: Call, cloud: Cloud) -> None:
    first = call("GET", INSTALLS)["headers"]
    assert first["ratelimit-limit"] == str(limits.API_CALLS_PER_MINUTE)
    assert int(first["ratelimit-remaining"]) < limits.API_CALLS_PER_MINUTE
    cloud.registry.join(Membership(principal="noisy", scope=f"tenant/{TENANT}", role=Role.ADMIN))
    _spend("runs", "noisy")
    refused = call("GET", INSTALLS, principal="noisy")
    assert (refused["status"], refused["body"]["code"]) == (429, "throttled")
    assert 0 < int(refused["headers"]["retry-after"]) <= 60
    assert call("GET", INSTALLS)["status"] == 200, "its neighbour notices nothing"


def test_a_tenant_has_so_many_calls_by_all_its_callers(call: Call, cloud: Cloud) -> None:
    cloud.registry.join(Membership(principal="second", scope=f"tenant/{TENANT}", role=Role.ADMIN))
    cloud.registry.join(Membership(principal="elsewhere", scope="tenant/globex", role=Role.ADMIN))
    _spend("runs", f"tenant/{TENANT}")
    for principal in ("me", "second"):
        refused = call("GET", INSTALLS, principal=principal)
        assert (refused["status"], refused["body"]["code"]) == (429, "scope-throttled")
        assert 0 < int(refused["headers"]["retry-after"]) <= 60
    assert call("GET", "/v1/tenants/globex/installs", principal="elsewhere")["status"] == 404, "its neighbour goes on"
    assert call("GET", "/v1/listing")["status"] == 200


def test_a_refused_caller_takes_no_calls_from_a_tenant(call: Call) -> None:
    for _ in range(3):
        assert call("GET", INSTALLS, principal="stranger")["status"] == 403
    key = {"pk": {"S": f"RATE#tenant/{TENANT}"}, "sk": {"S": str(int(time.time()) // 60)}}
    assert "Item" not in client("dynamodb").get_item(TableName="runs", Key=key)


@pytest.mark.parametrize(
    ("text", "where"),
    [('{"app": "\\ud800"}', "body"), ('{"\\udfff": 1}', "body"), ("\ud800", "body"), ('{"app": "\ud800"}', "body")],
)
def test_half_of_a_character_is_refused(call: Call, text: str, where: str) -> None:
    answer = call("POST", INSTALLS, text=text)
    assert (answer["status"], answer["body"]["where"]) == (400, where)
    assert "half of a character" in answer["body"]["detail"]
    assert call("POST", INSTALLS, text='{"app": "\\ud83d\\ude00"}')["status"] != 500


def test_half_of_a_character_in_a_header_is_refused(call: Call) -> None:
    assert call("POST", INSTALLS, {}, idempotency_key="\ud800")["body"]["where"] == "header idempotency-key"


def _spend(table: str, principal: str) -> None:
    """Count a caller up to its limit, in this minute and the next."""
    for minute in (int(time.time()) // 60, int(time.time()) // 60 + 1):
        client("dynamodb").put_item(
            TableName=table,
            Item={"pk": {"S": f"RATE#{principal}"}, "sk": {"S": str(minute)}, "hits": {"N": "100000"}},
        )


def test_an_open_page_makes_less_than_a_tenth_of_the_calls(call: Call) -> None:
    calls = limits.PAGE_READS * 60 / limits.POLL_SECONDS
    assert calls < limits.API_CALLS_PER_MINUTE / 10
    assert calls < limits.SCOPE_CALLS_PER_MINUTE / 10
    first = call("GET", INSTALLS)["headers"]
    assert first["interlock-poll"] == str(limits.POLL_SECONDS)
    weak = call("GET", INSTALLS, if_none_match=f'"other", W/{first["etag"]}')
    assert (weak["status"], weak["headers"]["interlock-poll"]) == (304, str(limits.POLL_SECONDS))
    assert int(weak["headers"]["ratelimit-remaining"]) < int(first["ratelimit-remaining"])


OUTLINES = f"/v1/tenants/{TENANT}/runs/r0/outlines"


def test_what_is_over_for_good_is_answered_without_its_records(call: Call, cloud: Cloud) -> None:
    run = a_run(installed(cloud), status="succeeded", ended="2026-01-01T00:10:00.000Z")
    cloud.runs.create(run)
    first = call("GET", OUTLINES)
    assert first["headers"]["interlock-poll"] == "0"
    cloud.calls.clear()
    again = call("GET", OUTLINES, if_none_match=first["headers"]["etag"])
    assert (again["status"], again["headers"]["etag"]) == (304, first["headers"]["etag"])
    assert again["headers"]["interlock-poll"] == "0"
    # The caller's calls, its memberships, the tenant's calls, the run, and where its history is.
    assert cloud.calls == ["UpdateItem", "Query", "UpdateItem", "GetItem", "GetItem"]
    assert call("GET", OUTLINES, if_none_match='"other"')["status"] == 200
    assert call("GET", OUTLINES, principal="stranger", if_none_match=first["headers"]["etag"])["status"] == 403
    cloud.runs.table.put(history_key(run), HistoryRef(run=run.id, key="k"))
    assert call("GET", OUTLINES, if_none_match=first["headers"]["etag"])["status"] == 200


def test_what_may_still_change_is_answered_by_its_body(call: Call, cloud: Cloud) -> None:
    run = a_run(installed(cloud), status="succeeded", ended=now())
    cloud.runs.create(run)
    first = call("GET", OUTLINES)
    assert first["headers"]["interlock-poll"] == str(limits.POLL_SECONDS)
    put(cloud, record(run))
    assert call("GET", OUTLINES, if_none_match=first["headers"]["etag"])["status"] == 200
    early = "2026-01-01T00:10:00.000Z"
    for number, status in ((1, "running"), (2, "succeeded")):
        cloud.runs.create(a_run(run.install, number, status=status, unsettled=True, ended=early))
        going_on = call("GET", OUTLINES.replace("r0", f"r{number}"))
        assert going_on["headers"]["interlock-poll"] == str(limits.POLL_SECONDS)
