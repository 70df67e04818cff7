"""Changes that people and machines made through the control API: who, when, what, and what it did to the subject."""

from typing import Literal

from interlock.contract.core.base import Document, Moment


class Change(Document):
    """One entry of the audit log. It holds digests and never a body: bodies may hold secrets."""

    id: str
    scope: str
    """Whose log it stands in: `platform`, `tenant/ID` or `publisher/ID`."""
    principal: str
    name: str = ""
    action: str
    """What Cedar permitted."""
    method: str
    path: str
    install_name: str = ""
    """Of the install that the path names, what the tenant calls it."""
    at: Moment
    outcome: Literal["begun", "done", "refused", "failed"] = "begun"
    """`begun` for good: the function ended before it could say how it went."""
    status: int = 0
    code: str = ""
    """The error's code, where it was refused."""
    asked: str = ""
    """The sha256 of the body."""
    before: str = ""
    """The sha256 of the subject's item; empty where there was none, or the route has no item for its subject."""
    after: str = ""


class ChangePage(Document):
    """One page of the changes of a scope, newest first."""

    changes: tuple[Change, ...]
    cursor: str | None = None
