"""Members, machines, trusts and domains; the audit log; what is listed for whom; who a token is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from functions.authorize import handler as authorize
from interlock.aws.clients import client
from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.listings import Listings
from interlock.contract.core.failure import Conflict, NotFound, Unavailable
from interlock.contract.listing import Listing, ListingChange, Query
from interlock.contract.manifest import Visibility
from interlock.contract.member import Caller, Invitation, NewCredential, NewTrust
from interlock.contract.registration import Withdrawal
from interlock.contract.registry import Membership, Publisher, Role
from interlock.control.access.audit import begin_change, changes, end_change, is_audited, subject_of
from interlock.control.access.authorize import caller_of, is_permitted
from interlock.control.apps.listing import change_listing, list_app, require_visible, search, versions_of
from interlock.control.publishing.withdraw import withdraw
from interlock.control.tenants.domains import claim_domain, verify_domain
from interlock.control.tenants.members import (
    create_credential,
    invite,
    oidc_principal,
    remove_member,
    rotate_credential,
    trust,
)
from tests.support.cloud import AT, Cloud, listed

SCOPE = "publisher/acme"
ISSUER = "https://token.actions.githubusercontent.com"


@pytest.fixture
def pool(cloud: Cloud) -> str:
    cloud.registry.create_publisher(Publisher(id="acme", created=AT))
    found = client("cognito-idp").create_user_pool(PoolName="p")["UserPool"]["Id"]
    client("cognito-idp").create_resource_server(
        UserPoolId=found, Identifier="interlock", Name="i", Scopes=[{"ScopeName": "api", "ScopeDescription": "a"}]
    )
    return str(found)


def caller(*scopes: str, role: Role = Role.ADMIN) -> Caller:
    rows = tuple(Membership(principal="p", scope=scope, role=role, name="pat") for scope in scopes)
    return Caller(principal="p", memberships=rows)


OPERATOR = Caller(principal="o", memberships=(Membership(principal="o", scope="platform", role=Role.OPERATOR),))


def test_a_member_comes_changes_role_and_goes(cloud: Cloud, pool: str) -> None:
    jane = invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="admin"))
    joe = invite(cloud.registry, pool, SCOPE, Invitation(name="joe", email="joe@example.com"))
    assert {row.name: row.role for row in cloud.registry.members(SCOPE)} == {"jane": Role.ADMIN, "joe": Role.MEMBER}
    again = invite(cloud.registry, pool, SCOPE, Invitation(name="joe", role="admin"))
    assert again.principal == joe.principal
    assert again.created == joe.created
    remove_member(cloud.registry, pool, SCOPE, "jane")
    assert caller_of(cloud.registry, jane.principal).memberships == ()


def test_the_last_admin_stays(cloud: Cloud, pool: str) -> None:
    invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="admin"))
    invite(cloud.registry, pool, SCOPE, Invitation(name="joe"))
    for change in (
        lambda: remove_member(cloud.registry, pool, SCOPE, "jane"),
        lambda: invite(cloud.registry, pool, SCOPE, Invitation(name="jane", role="member")),
    ):
        with pytest.raises(Conflict) as refused:
            change()
        assert refused.value.code == "last-admin"


def test_credentials_are_several_named_rotated_and_revoked(cloud: Cloud, pool: str) -> None:
    made = [create_credential(cloud.registry, pool, "t", SCOPE, NewCredential(name=name)) for name in ("ci", "cd")]
    assert made[0].client_secret != made[1].client_secret
    with pytest.raises(Conflict, match="exists"):
        create_credential(cloud.registry, pool, "t", SCOPE, NewCredential(name="ci"))
    fresh = rotate_credential(cloud.registry, pool, "t", SCOPE, "ci")
    assert caller_of(cloud.registry, made[0].client_id).memberships == ()
    assert is_permitted(caller_of(cloud.registry, fresh.client_id), "publish", SCOPE)
    remove_member(cloud.registry, pool, SCOPE, "cd")
    clients = client("cognito-idp").list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
    assert [row["ClientId"] for row in clients] == [fresh.client_id]
    assert fresh.client_secret not in str(cloud.registry.members(SCOPE))


ROWS = [
    (Role.ADMIN, SCOPE, "publish", True),
    (Role.MEMBER, SCOPE, "publish", True),
    (Role.MEMBER, SCOPE, "readMembers", True),
    (Role.ADMIN, SCOPE, "manageMembers", True),
    (Role.MEMBER, SCOPE, "manageMembers", False),
    (Role.ADMIN, SCOPE, "readAudit", True),
    (Role.MEMBER, SCOPE, "readAudit", False),
    (Role.ADMIN, SCOPE, "decideApprovals", False),
    (Role.ADMIN, "tenant/acme", "manageMembers", True),
    (Role.MEMBER, "tenant/acme", "manageMembers", False),
    (Role.ADMIN, "tenant/acme", "readAudit", True),
]


@pytest.mark.parametrize(("role", "scope", "action", "may"), ROWS)
def test_who_may_what(role: Role, scope: str, action: str, may: bool) -> None:
    assert is_permitted(caller(scope, role=role), action, scope) is may
    assert not is_permitted(caller("publisher/other", role=role), action, scope)


@contextmanager
def answering(answer: Callable[[str], tuple[int, Any]]) -> Generator[str]:
    """A server on loopback that answers GET with JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, value = answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_domain_is_verified_by_its_record_for_one_publisher(cloud: Cloud, pool: str) -> None:
    records: dict[str, list[str]] = {}

    def resolve(path: str) -> tuple[int, Any]:
        (name,) = parse_qs(urlsplit(path).query)["name"]
        return 200, {"Answer": [{"type": 16, "data": f'"{text}"'} for text in records.get(name, [])]}

    with answering(resolve) as resolver:
        with pytest.raises(Conflict, match="claims no domain"):
            verify_domain(cloud.registry, resolver, "acme")
        claimed = claim_domain(cloud.registry, "acme", "acme.example").domain
        assert claimed is not None
        assert claim_domain(cloud.registry, "acme", "acme.example").domain == claimed
        with pytest.raises(Conflict) as refused:
            verify_domain(cloud.registry, resolver, "acme")
        assert refused.value.code == "domain-not-verified"
        records["_interlock-challenge.acme.example"] = ["other", claimed.challenge]
        assert verify_domain(cloud.registry, resolver, "acme").verified
        cloud.registry.create_publisher(Publisher(id="thief", created=AT))
        stolen = claim_domain(cloud.registry, "thief", "acme.example").domain
        assert stolen is not None
        records["_interlock-challenge.acme.example"] = [stolen.challenge]
        with pytest.raises(Conflict, match="another publisher"):
            verify_domain(cloud.registry, resolver, "thief")
        assert not claim_domain(cloud.registry, "acme", "other.example").verified
    with answering(lambda _: (500, {})) as broken, pytest.raises(Unavailable):
        verify_domain(cloud.registry, broken, "acme")


def test_the_audit_log_says_who_what_and_how_it_went_and_no_body(cloud: Cloud, pool: str) -> None:
    log, who = AuditLog("registry"), caller(SCOPE)
    for error in (None, Conflict("no", code="taken"), KeyError("x")):
        path = "/v1/publishers/acme/domain"
        change = begin_change(log, who, "manageMembers", SCOPE, "POST", path, '{"secret": "hidden"}')
        if error is None:
            claim_domain(cloud.registry, "acme", "acme.example")
        end_change(log, change, status=0 if error else 200, error=error)
    begin_change(log, who, "manageMembers", SCOPE, "POST", "/v1/publishers/acme/members", "")
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
    found = subject_of("/v1/tenants/acme/installs/I1/upgrade")
    assert found is not None
    assert (found.pk, found.sk) == ("TEN#acme", "INS#I1")


def shown(cloud: Cloud, app: str, **words: Any) -> None:
    listed(cloud, app)
    list_app(cloud.registry, app)
    if words:
        change_listing(cloud.registry, app, ListingChange.model_validate(words))


def found(cloud: Cloud, who: Caller, **words: Any) -> list[str]:
    return [row.app for row in search(cloud.registry, who, Query.model_validate(words), 50, None).apps]


def test_who_finds_what(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/public")
    shown(cloud, "acme/private", visibility="private")
    shown(cloud, "acme/invited", visibility="invited", invite=["one"])
    every = ["acme/invited", "acme/private", "acme/public"]
    assert found(cloud, caller(SCOPE)) == found(cloud, OPERATOR) == every
    assert found(cloud, caller("tenant/one")) == ["acme/invited", "acme/public"]
    assert found(cloud, caller("tenant/two")) == found(cloud, caller("publisher/other")) == ["acme/public"]
    with pytest.raises(NotFound):
        require_visible(cloud.registry, caller("tenant/two"), "acme/invited", "two")
    with pytest.raises(NotFound):
        require_visible(cloud.registry, caller("tenant/one", "tenant/two"), "acme/invited", "two")
    require_visible(cloud.registry, caller("tenant/one"), "acme/invited", "one")
    change_listing(cloud.registry, "acme/invited", ListingChange(uninvite=("one",)))
    assert found(cloud, caller("tenant/one")) == ["acme/public"]


def test_words_category_publisher_and_badge_filter(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/public")
    shown(cloud, "other/public")
    who = caller("tenant/one")
    assert found(cloud, who, words="ACME app") == ["acme/public"]
    assert found(cloud, who, words="nothing") == []
    assert found(cloud, who, publisher="other") == ["other/public"]
    assert found(cloud, who, category="connector") == []
    assert found(cloud, who, verified=True) == []


def test_a_search_goes_on_where_it_ended(cloud: Cloud, pool: str) -> None:
    for number in range(5):
        shown(cloud, f"acme/app-{number}")
    apps: list[str] = []
    cursor: str | None = None
    for _ in range(10):
        page = search(cloud.registry, OPERATOR, Query(), 2, cursor)
        apps += [row.app for row in page.apps]
        cursor = page.cursor
        if cursor is None:
            break
    assert apps == [f"acme/app-{number}" for number in range(5)]


def test_a_listing_follows_the_newest_release_and_keeps_edits(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app", visibility="invited", invite=["one"])
    listed(cloud, "acme/app", "2.0.0")
    listed(cloud, "acme/app", "3.0.0-beta.1")
    after = list_app(cloud.registry, "acme/app")
    assert after is not None
    assert (after.version, after.visibility, after.invited) == ("2.0.0", Visibility.INVITED, ("one",))
    withdraw(cloud.life, "acme/app", "2.0.0", Withdrawal(status="yanked"))
    assert _listing(cloud).version == "1.0.0"
    for version in ("1.0.0", "3.0.0-beta.1"):
        withdraw(cloud.life, "acme/app", version, Withdrawal(status="yanked"))
    assert _listing(cloud).withdrawn
    assert found(cloud, OPERATOR) == []


def _listing(cloud: Cloud) -> Listing:
    stored = Listings("registry").find("acme/app")
    assert stored is not None
    return stored.item


def test_installs_are_counted_once_each(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app")
    listings = Listings("registry")
    for install, there in (("a", True), ("a", True), ("b", True), ("a", False), ("a", False), ("c", False)):
        listings.count("acme/app", install, there=there)
    (row,) = listings.complete([_listing(cloud)])
    assert row.installs == 1


def test_others_see_listed_versions_only(cloud: Cloud, pool: str) -> None:
    shown(cloud, "acme/app")
    assert [row.version for row in versions_of(cloud.registry, caller(SCOPE), "acme/app")[0]] == ["1.0.0"]
    assert versions_of(cloud.registry, caller("tenant/one"), "acme/app") == ([], None)
    with pytest.raises(NotFound):
        versions_of(cloud.registry, caller("tenant/one"), "acme/never")


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def tokens(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., dict[str, Any]]]:
    """Asks the authorizer about a token of the other issuer."""
    public = json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k", "use": "sig"}
    with answering(lambda _: (200, {"keys": [public]})) as url:
        words = {"USER_POOL": "p", "JWKS_URL": url, "ISSUER": "https://pool", "OIDC_JWKS_URL": url}
        for name, value in words.items():
            monkeypatch.setenv(f"INTERLOCK_{name}", value)
        authorize.settings.cache_clear()
        authorize.keys.cache_clear()

        def ask(**claims: Any) -> dict[str, Any]:
            subject = "repo:acme/app:environment:release"
            now = int(time.time())
            every = {"iss": ISSUER, "aud": "interlock", "sub": subject, "iat": now, "exp": now + 300} | claims
            token = jwt.encode(every, KEY, algorithm="RS256", headers={"kid": "k"})
            return authorize.handler({"headers": {"authorization": f"Bearer {token}"}}, None)

        yield ask
        authorize.settings.cache_clear()
        authorize.keys.cache_clear()


def test_only_a_trusted_workflow_of_github_is_a_member(
    cloud: Cloud, pool: str, tokens: Callable[..., dict[str, Any]]
) -> None:
    trust(cloud.registry, SCOPE, NewTrust(name="rel", repository="acme/app", environment="release"))
    answer = tokens()
    assert answer["isAuthorized"] is True
    assert is_permitted(caller_of(cloud.registry, answer["context"]["principal"]), "publish", SCOPE)
    other = tokens(sub="repo:acme/app:ref:refs/heads/main")
    assert other["isAuthorized"] is True
    assert caller_of(cloud.registry, other["context"]["principal"]).memberships == ()
    remove_member(cloud.registry, pool, SCOPE, "rel")
    assert caller_of(cloud.registry, answer["context"]["principal"]).memberships == ()


WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "sts.amazonaws.com"},
    "an old one": {"exp": 1_000},
    "an issuer that nobody trusts": {"iss": "https://evil.example"},
    "no token of access": {"iss": "https://pool", "token_use": "id"},
}


@pytest.mark.parametrize("case", WRONG)
def test_other_tokens_are_nobody(tokens: Callable[..., dict[str, Any]], case: str) -> None:
    assert tokens(**WRONG[case])["isAuthorized"] is False


def test_no_pool_can_make_a_principal_of_the_other_issuer(tokens: Callable[..., dict[str, Any]]) -> None:
    mine = tokens(iss="https://pool", token_use="access", sub="client")
    assert mine == {"isAuthorized": True, "context": {"principal": "client"}}
    assert oidc_principal(ISSUER, "client") != "client"


def test_a_trust_names_an_environment_or_a_ref() -> None:
    ref = NewTrust(name="main", repository="acme/app", ref="refs/heads/main")
    assert ref.subject == "repo:acme/app:ref:refs/heads/main"
    with pytest.raises(Exception, match="either"):
        assert NewTrust(name="both", repository="acme/app").subject
