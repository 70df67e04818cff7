"""The identities of people and machines: users and clients of the pool, and what they are members of.

A person's name belongs to the tenant or publisher that created the person (`names.user_name`): nobody can take a name
that another tenant will use, or become a member of it without its admin's and the person's own consent.
"""

from dataclasses import dataclass

from interlock.aws.services import identities
from interlock.aws.tables.registry import Registry
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registry import Membership, Role


@dataclass(frozen=True)
class IdentityContext:
    """What making identities works with."""

    registry: Registry
    pool: str
    """The Cognito user pool."""
    token_url: str


def create_identity(context: IdentityContext, scope: str, role: Role, name: str) -> Credentials:
    """Make a user and a client of a scope, both members of it with `role`.

    Raises:
        Conflict: the user exists, and is a member elsewhere.
    """
    at = now()
    principal = create_person(context.registry, context.pool, scope, name)
    user = names.user_name(scope, name)
    person = Membership(principal=principal, scope=scope, role=role, name=name, kind="user", user=user, created=at)
    context.registry.join(person)
    client_id, secret = identities.create_client(context.pool, f"{scope.replace('/', '-')}-{name}")
    machine = Membership(principal=client_id, scope=scope, role=role, name=name, kind="client", created=at)
    context.registry.join(machine)
    return Credentials(scope=scope, name=name, client_id=client_id, client_secret=secret, token_url=context.token_url)


def create_person(registry: Registry, pool: str, scope: str, name: str, email: str = "") -> str:
    """Make a user of a scope, under a name of its own; its principal.

    Raises:
        Conflict: the user exists, and is a member of something: it joins by accepting an invitation.
    """
    user = names.user_name(scope, name)
    try:
        return identities.create_user(pool, user, email)
    except Conflict:
        principal = identities.user_of(pool, user)
        if registry.memberships(principal):
            raise Conflict(
                f"{name} is a user of {scope.replace('/', ' ')} who is not a member any more",
                where=scope,
                code="user-elsewhere",
                next_step=f"Invite them: interlock {scope.partition('/')[0]} member invite {principal} --name {name}",
            ) from None
        # A request before this one ended between the user and its membership: who signs in as that user is nobody's.
        identities.delete_user(pool, user)
        return identities.create_user(pool, user, email)


def remove_identity(registry: Registry, pool: str, member: Membership) -> None:
    """Make a principal no member of a scope any more; its user or client goes too, unless it is a member elsewhere."""
    registry.remove_membership(member)
    if registry.memberships(member.principal):
        return
    match member.kind:
        case "user" | "":
            if user := member.user or member.name:
                identities.delete_user(pool, user)
        case "client":
            identities.delete_client(pool, member.principal)
        case "oidc":
            return
