"""Routes of members, machine credentials, trusts, domains and the audit log."""

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, audit_log, body, caller, number, registry, settings, word
from interlock.contract.member import Invitation, NewCredential, NewTrust
from interlock.contract.registration import DomainClaim
from interlock.control.access.audit import PAGE, changes
from interlock.control.tenants.domains import claim_domain, verify_domain
from interlock.control.tenants.members import create_credential, invite, remove_member, rotate_credential, trust


def scope_of(publisher: str, tenant: str) -> str:
    """The scope that a route is about."""
    return f"publisher/{publisher}" if publisher else f"tenant/{tenant}"


@app.get("/v1/publishers/<publisher>/members")
@app.get("/v1/tenants/<tenant>/members")
def members(publisher: str = "", tenant: str = "") -> Response[str]:
    """Who belongs to a publisher or a tenant: people, machines, trusts."""
    scope = scope_of(publisher, tenant)
    caller("readMembers", scope)
    return ok({"members": [row.model_dump(mode="json") for row in registry().members(scope)]})


@app.post("/v1/publishers/<publisher>/members")
@app.post("/v1/tenants/<tenant>/members")
def add_member(publisher: str = "", tenant: str = "") -> Response[str]:
    """Make a person a member, or give a member another role."""
    scope = scope_of(publisher, tenant)
    caller("manageMembers", scope)
    return ok(invite(registry(), settings().user_pool, scope, Invitation.model_validate_json(body())), 201)


@app.delete("/v1/publishers/<publisher>/members/<member>")
@app.delete("/v1/tenants/<tenant>/members/<member>")
def drop_member(member: str, publisher: str = "", tenant: str = "") -> Response[str]:
    """Make a person, a machine or a trust no member any more."""
    scope = scope_of(publisher, tenant)
    caller("manageMembers", scope)
    return ok(remove_member(registry(), settings().user_pool, scope, member))


@app.post("/v1/publishers/<publisher>/credentials")
@app.post("/v1/tenants/<tenant>/credentials")
def new_credential(publisher: str = "", tenant: str = "") -> Response[str]:
    """Make credentials for a machine; the secret is in this answer and nowhere else."""
    scope = scope_of(publisher, tenant)
    caller("manageMembers", scope)
    words = settings()
    asked = NewCredential.model_validate_json(body())
    return ok(create_credential(registry(), words.user_pool, words.token_url, scope, asked), 201)


@app.post("/v1/publishers/<publisher>/credentials/<name>/rotate")
@app.post("/v1/tenants/<tenant>/credentials/<name>/rotate")
def rotate(name: str, publisher: str = "", tenant: str = "") -> Response[str]:
    """Give a machine new credentials; the ones before are refused from now on."""
    scope = scope_of(publisher, tenant)
    caller("manageMembers", scope)
    words = settings()
    return ok(rotate_credential(registry(), words.user_pool, words.token_url, scope, name))


@app.post("/v1/publishers/<publisher>/trusts")
def new_trust(publisher: str) -> Response[str]:
    """Let a workflow of GitHub act for the publisher, by the token that GitHub gives it."""
    caller("manageMembers", f"publisher/{publisher}")
    return ok(trust(registry(), f"publisher/{publisher}", NewTrust.model_validate_json(body())), 201)


@app.get("/v1/publishers/<publisher>")
def one_publisher(publisher: str) -> Response[str]:
    """A publisher, and the domain that it claims."""
    caller("readPublisher", f"publisher/{publisher}")
    return ok(registry().publisher(publisher))


@app.post("/v1/publishers/<publisher>/domain")
def claim(publisher: str) -> Response[str]:
    """Claim a domain; the answer has the TXT record that shows whose it is."""
    caller("manageMembers", f"publisher/{publisher}")
    return ok(claim_domain(registry(), publisher, DomainClaim.model_validate_json(body()).domain))


@app.post("/v1/publishers/<publisher>/domain/verify")
def verify(publisher: str) -> Response[str]:
    """Look for the TXT record."""
    caller("manageMembers", f"publisher/{publisher}")
    return ok(verify_domain(registry(), settings().dns_url, publisher))


@app.get("/v1/audit")
@app.get("/v1/publishers/<publisher>/audit")
@app.get("/v1/tenants/<tenant>/audit")
def audit(publisher: str = "", tenant: str = "") -> Response[str]:
    """A page of the changes of a scope, newest first."""
    scope = scope_of(publisher, tenant) if publisher or tenant else "platform"
    caller("readAudit", scope)
    return ok(changes(audit_log(), scope, number("limit", PAGE), word("cursor") or None))
