"""Who belongs to a tenant or a publisher: people, machines with credentials, machines that another issuer vouches for.

Membership is an item of the registry, read on every call: who is removed is refused from the next call on, whatever
token they hold.
"""

from interlock.aws.services import identities
from interlock.aws.tables.registry import Registry
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict, NotFound
from interlock.contract.member import Credentials, Invitation, NewCredential, NewTrust
from interlock.contract.registry import Membership, Role
from interlock.control.tenants.identities import create_person, remove_identity

GITHUB = "https://token.actions.githubusercontent.com"
CREDENTIALS = 20
"""Machine credentials of one scope: a client each, of the 1,000 that a user pool has."""


def oidc_principal(issuer: str, subject: str) -> str:
    """The principal of somebody whom another issuer vouches for: no user pool makes such a one."""
    return f"oidc|{issuer}|{subject}"


def invite(registry: Registry, pool: str, scope: str, invitation: Invitation) -> Membership:
    """Make a person a member, with a new user of the scope, or give a member another role.

    Raises:
        Conflict: it would leave the scope without an admin, or the user is a member elsewhere and has to accept.
    """
    role, name = Role(invitation.role), invitation.name
    before = next((row for row in registry.members(scope) if row.name == name and row.kind in ("user", "")), None)
    if before is not None:
        if role is not Role.ADMIN:
            _keep_an_admin(registry, before)
        member = before.model_copy(update={"role": role})
    else:
        principal = create_person(registry, pool, scope, name, invitation.email)
        user = names.user_name(scope, name)
        fields = {"principal": principal, "scope": scope, "role": role, "name": name, "user": user, "created": now()}
        member = Membership.model_validate(fields | {"kind": "user"})
    registry.join(member)
    return member


def remove_member(registry: Registry, pool: str, scope: str, name: str) -> Membership:
    """Make a person or a machine no member any more; its user or client goes too, unless it is a member elsewhere.

    Raises:
        NotFound: no such member.
        Conflict: it is the last admin.
    """
    rows = [row for row in registry.members(scope) if name in (row.name, row.principal)]
    if not rows:
        raise NotFound(
            f"member {name} does not exist", where=scope, next_step=f"interlock {scope.partition('/')[0]} member list"
        )
    member = min(rows, key=lambda row: row.kind != "user")
    _keep_an_admin(registry, member)
    remove_identity(registry, pool, member)
    return member


def create_credential(
    registry: Registry, pool: str, token_url: str, scope: str, new_credential: NewCredential
) -> Credentials:
    """Make credentials for a machine; its secret is told once.

    Raises:
        Conflict: the name is taken, or there are as many as there may be.
    """
    machines = [row for row in registry.members(scope) if row.kind == "client"]
    if any(row.name == new_credential.name for row in machines):
        step = f"interlock publisher credential rotate {new_credential.name}"
        raise Conflict(
            f"credential {new_credential.name} exists already", where=scope, code="credential-exists", next_step=step
        )
    if len(machines) >= CREDENTIALS:
        raise Conflict(
            f"{scope} has {CREDENTIALS} credentials, which is the most",
            where=scope,
            code="too-many-credentials",
            next_step="Revoke one: interlock publisher credential revoke NAME",
        )
    return _credential(registry, pool, token_url, scope, Role(new_credential.role), new_credential.name, now())


def rotate_credential(registry: Registry, pool: str, token_url: str, scope: str, name: str) -> Credentials:
    """Give a machine new credentials; the ones before are refused from the next call on.

    Raises:
        NotFound: no such credential.
    """
    old = [row for row in registry.members(scope) if row.kind == "client" and row.name == name]
    if not old:
        raise NotFound(
            f"credential {name} does not exist", where=scope, next_step="interlock publisher credential list"
        )
    created = min(row.created or "" for row in old) or now()
    credentials = _credential(registry, pool, token_url, scope, old[0].role, name, created)
    for row in old:
        remove_identity(registry, pool, row)
    return credentials


def trust(registry: Registry, scope: str, new_trust: NewTrust) -> Membership:
    """Let a workflow of GitHub act for a scope, by the token that GitHub gives it: no secret is kept anywhere."""
    member = Membership(
        principal=oidc_principal(GITHUB, new_trust.subject),
        scope=scope,
        role=Role(new_trust.role),
        name=new_trust.name,
        kind="oidc",
        created=now(),
    )
    registry.join(member)
    return member


def _credential(
    registry: Registry, pool: str, token_url: str, scope: str, role: Role, name: str, created: str
) -> Credentials:
    client_id, secret = identities.create_client(pool, f"{scope.replace('/', '-')}-{name}")
    rotated = now()
    registry.join(
        Membership(
            principal=client_id, scope=scope, role=role, name=name, kind="client", created=created, rotated=rotated
        )
    )
    return Credentials(scope=scope, name=name, client_id=client_id, client_secret=secret, token_url=token_url)


def _keep_an_admin(registry: Registry, leaving: Membership) -> None:
    if leaving.role is not Role.ADMIN:
        return
    if not any(
        row.role is Role.ADMIN and row.principal != leaving.principal for row in registry.members(leaving.scope)
    ):
        raise Conflict(
            f"{leaving.name or leaving.principal} is the last admin of {leaving.scope}",
            where=leaving.scope,
            code="last-admin",
            next_step="Make another member an admin first: interlock publisher member add NAME --role admin",
        )
