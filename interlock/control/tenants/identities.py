"""Publishers, and the identities of tenants, publishers and operators."""

from dataclasses import dataclass

from interlock.aws.services import identities
from interlock.aws.tables.registry import Registry
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registry import Membership, Publisher, Role


@dataclass(frozen=True)
class IdentityContext:
    """What making identities works with."""

    registry: Registry
    pool: str
    """The Cognito user pool."""
    token_url: str


def create_identity(context: IdentityContext, scope: str, role: Role, name: str) -> Credentials:
    """Make a Cognito user and a client, both members of `scope` with `role`.

    Raises:
        Conflict: a user of that name exists.
    """
    identity = identities.create(context.pool, name)
    at = now()
    context.registry.join(
        Membership(principal=identity.user, scope=scope, role=role, name=name, kind="user", created=at)
    )
    context.registry.join(
        Membership(principal=identity.client_id, scope=scope, role=role, name=name, kind="client", created=at)
    )
    return Credentials(
        scope=scope,
        name=name,
        client_id=identity.client_id,
        client_secret=identity.client_secret,
        token_url=context.token_url,
    )


def create_publisher(registry: Registry, publisher: str, title: str) -> Publisher:
    """Register a publisher's namespace.

    Raises:
        Conflict: it is taken.
    """
    fresh = Publisher(id=publisher, title=title, created=now())
    try:
        registry.create_publisher(fresh)
    except Conflict as error:
        raise Conflict(
            f"publisher {publisher} exists already",
            code="publisher-exists",
            where=publisher,
            next_step="Choose another name.",
        ) from error
    return fresh
