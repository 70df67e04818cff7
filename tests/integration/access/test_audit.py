"""The audit log: who did what, how it went, and no bodies."""

from __future__ import annotations

from interlock.aws.tables.audit_log import AuditLog
from interlock.contract.core.failure import Conflict
from interlock.control.access.audit import AuditedCall, begin_change, changes, end_change, is_audited, subject_of
from interlock.control.tenants.domains import claim_domain
from tests.support.cloud import Cloud
from tests.support.people import SCOPE, caller


def test_the_audit_log_says_who_what_and_how_it_went_and_no_body(cloud: Cloud, pool: str) -> None:
    log, who = AuditLog("registry"), caller(SCOPE)
    for error in (None, Conflict("no", code="taken"), KeyError("x")):
        path = "/v1/publishers/acme/domain"
        change = begin_change(log, who, SCOPE, AuditedCall("manageMembers", "POST", path, '{"secret": "hidden"}'))
        if error is None:
            claim_domain(cloud.registry, "acme", "acme.example")
        end_change(log, change, status=0 if error else 200, error=error)
    begin_change(log, who, SCOPE, AuditedCall("manageMembers", "POST", "/v1/publishers/acme/members"))
    page = changes(log, SCOPE, 10, None)
    rows = page.changes
    assert [row.outcome for row in rows] == ["begun", "failed", "refused", "done"]
    done = rows[3]
    assert (done.name, done.action, done.status) == ("pat", "manageMembers", 200)
    assert done.before != done.after
    assert rows[2].before == rows[2].after == done.after
    assert rows[2].code == "taken"
    assert "hidden" not in page.model_dump_json()


def test_writes_are_audited_and_reads_are_not() -> None:
    assert is_audited("POST", "install")
    assert not is_audited("GET", "readInstalls")
    assert not is_audited("POST", "sendEvents")
    assert subject_of("/v1/approvals") is None
    result = subject_of("/v1/tenants/acme/installs/I1/upgrade")
    assert result is not None
    assert (result.pk, result.sk) == ("TEN#acme", "INS#I1")
