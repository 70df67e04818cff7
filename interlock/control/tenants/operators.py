"""The deployment's operators: the first is made with AWS credentials, because nobody else may make one.

What is done with AWS credentials stands in the platform's audit log under their ARN.

A command may end between any two calls. The membership is the last thing that is written, and what is there without it
is nobody's: the same command again deletes it and makes the operator anew.
"""

from collections.abc import Callable
from dataclasses import dataclass

from interlock.aws.services import identities
from interlock.aws.tables.audit_log import AuditLog
from interlock.contract.audit import Change
from interlock.contract.core import names
from interlock.contract.core.base import now
from interlock.contract.core.failure import Conflict
from interlock.contract.member import Credentials
from interlock.contract.registry import Membership, Role
from interlock.control.tenants.identities import IdentityContext

SCOPE = "platform"


@dataclass(frozen=True)
class OperatorContext:
    """What making operators works with."""

    identities: IdentityContext
    audit: AuditLog
    caller: str
    """The ARN of the AWS credentials."""


def create_operator(context: OperatorContext, name: str, keep: Callable[[Credentials], None]) -> Credentials:
    """Make a machine's operator: a client that gets tokens by its own credentials.

    Args:
        context: the deployment.
        name: the operator's name.
        keep: stores the credentials, before they may do anything: nobody is shown the secret a second time.

    Raises:
        Conflict: an operator has that name.
    """
    _refuse_taken(context, name)
    pool, client_name = context.identities.pool, f"{SCOPE}-{name}"
    # A command before this one may have ended between the client and its membership.
    for left, _ in [row for row in identities.clients(pool) if row[1] == client_name]:
        if not context.identities.registry.memberships(left):
            identities.delete_client(pool, left)
    client_id, secret = identities.create_client(pool, client_name)
    credentials = Credentials(
        scope=SCOPE, name=name, client_id=client_id, client_secret=secret, token_url=context.identities.token_url
    )
    keep(credentials)
    _join(context, Membership(principal=client_id, scope=SCOPE, role=Role.OPERATOR, name=name, kind="client"))
    return credentials


def invite_operator(context: OperatorContext, name: str, email: str) -> str:
    """Make a person's operator, to whom Cognito mails an invitation; the name that the person signs in with.

    Raises:
        Conflict: an operator has that name, or another user the address.
    """
    _refuse_taken(context, name)
    user = names.user_name(SCOPE, name)
    # A command before this one may have ended between the user and its membership: nobody could sign in as that user.
    identities.delete_user(context.identities.pool, user)
    principal = identities.create_user(context.identities.pool, user, email)
    member = Membership(principal=principal, scope=SCOPE, role=Role.OPERATOR, name=name, kind="user", user=user)
    _join(context, member)
    return user


def _refuse_taken(context: OperatorContext, name: str) -> None:
    if any(member.name == name for member in context.identities.registry.members(SCOPE)):
        raise Conflict(
            f"an operator is named {name} already",
            where=SCOPE,
            code="operator-taken",
            next_step="Choose another --name.",
        )


def _join(context: OperatorContext, member: Membership) -> None:
    """Note who makes an operator, then make it one: a command that ended between the two left a note too many."""
    at = now()
    change = Change(
        id=names.ulid(),
        scope=SCOPE,
        principal=context.caller,
        name=member.name,
        action="createOperator",
        method="CLI",
        path=f"/operators/{member.principal}",
        at=at,
        outcome="done",
    )
    context.audit.write(change)
    context.identities.registry.join(member.model_copy(update={"created": at}))
