"""Members of a scope: people, machines and trusts; and who calls the API."""

from typing import Annotated, Literal

from pydantic import Field

from interlock.contract.core.base import Document, Model, Moment
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.validation import shaped
from interlock.contract.registry import Membership, Role


class Credentials(Document):
    """The credentials of a new user or client. The secret is shown only once."""

    scope: str
    name: str
    client_id: str
    client_secret: str = Field(repr=False)
    token_url: str


Email = Annotated[str, shaped(r"^([^@\s]{1,64}@[^@\s]{3,190})?$", "an address such as ann@example.com")]
UserName = Annotated[str, shaped(r"^[a-z0-9][a-z0-9._-]{1,60}$", "2 to 61 small letters, digits and . _ -")]

MemberRole = Literal["admin", "member", "viewer"]
"""What an admin makes of somebody; a viewer reads what a member reads, and changes nothing."""


class Invitation(Document):
    """A person who becomes a member, with a new user of this tenant or publisher."""

    name: UserName
    role: MemberRole = "member"
    email: Email = ""
    """Where Cognito sends the invitation. Without it an operator sets the password."""


class NewInvitation(Model):
    """Somebody who has a user of another tenant or publisher already, and is asked to join this one too."""

    principal: Annotated[str, shaped(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "the UUID of a user")]
    """Theirs, as `interlock whoami` shows it."""
    name: UserName
    """What they are called here."""
    role: MemberRole = "member"


class PendingInvitation(Document):
    """An invitation that waits for the invited person's answer."""

    id: str
    scope: str
    principal: str
    name: str
    role: Role
    by: str
    until: Moment
    """It is gone after this."""

    def is_open(self, at: str) -> bool:
        """Whether it can be accepted at a moment."""
        return at < self.until


class InvitationList(Document):
    """Invitations that wait for an answer."""

    invitations: tuple[PendingInvitation, ...]


class NewCredential(Document):
    """Credentials for a machine, such as a pipeline."""

    name: UserName
    role: MemberRole = "member"


class NewTrust(Document):
    """A workflow of GitHub that may act: its repository, and its environment or its ref."""

    name: UserName
    repository: Annotated[str, shaped(r"^[A-Za-z0-9_.-]{1,39}/[A-Za-z0-9_.-]{1,100}$", "OWNER/NAME of a repository")]
    environment: Annotated[str, shaped(r"^[A-Za-z0-9_ .-]{0,255}$", "letters, digits, spaces and . _ -")] = ""
    ref: Annotated[str, shaped(r"^(refs/(heads|tags)/[A-Za-z0-9_./-]{1,200})?$", "a ref such as refs/heads/main")] = ""
    role: MemberRole = Field(default="member")

    @property
    def subject(self) -> str:
        """The `sub` of GitHub's token: https://docs.github.com/en/actions/reference/security/oidc."""
        if bool(self.environment) == bool(self.ref):
            raise BadRequest(
                "give either an environment or a ref",
                where="trust",
                next_step="--environment release, or --ref refs/heads/main",
            )
        return f"repo:{self.repository}:" + (
            f"environment:{self.environment}" if self.environment else f"ref:{self.ref}"
        )


PLATFORM = "platform"
"""The scope of the operators; the others are `tenant/ID` and `publisher/ID`."""


class Caller(Model):
    """Who calls the API, and the memberships that the registry has of it."""

    principal: str
    memberships: tuple[Membership, ...] = ()

    def name_in(self, scope: str) -> str:
        """What the caller is called in a scope; empty: it has no name there."""
        return next((one.name for one in self.memberships if one.scope in (scope, PLATFORM)), "")


class Access(Document):
    """What a caller may do in a scope, by the names of the API's actions."""

    scope: str
    actions: tuple[str, ...]


class CallerView(Document):
    """Who calls, its memberships, and what each of their scopes allows it."""

    principal: str
    memberships: tuple[Membership, ...] = ()
    access: tuple[Access, ...] = ()


class MemberList(Document):
    """The members of a publisher or of a tenant."""

    members: tuple[Membership, ...]
