"""Who may do what: Cedar over the registry's memberships (`policies.cedar`), decided for each call."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import cedarpy

from interlock.aws.tables.registry import Registry
from interlock.contract.core.failure import Forbidden
from interlock.contract.member import PLATFORM, Access, Caller, CallerView
from interlock.contract.registry import Membership, Role
from interlock.contract.support import SupportSession


@cache
def policies() -> str:
    """The policies' text, read once in a process."""
    return Path(__file__).with_name("policies.cedar").read_text()


def caller_of(registry: Registry, principal: str) -> Caller:
    """Read what a principal is a member of."""
    return Caller(principal=principal, memberships=tuple(registry.memberships(principal)))


def require(caller: Caller, action: str, scope: str = PLATFORM, support: SupportSession | None = None) -> None:
    """Pass, or refuse.

    Args:
        caller: who calls.
        action: an action of `policies.cedar`.
        scope: `platform`, `tenant/ID` or `publisher/ID`.
        support: the support session that is open for the app whose runs the call is about.

    Raises:
        Forbidden: no policy permits it.
    """
    if not is_permitted(caller, action, scope, support):
        raise Forbidden(
            f"you are not allowed to {_spoken(action)} {_place(scope)}",
            where=scope,
            next_step="Choose another profile with --profile NAME; interlock whoami shows what this one may do.",
        )


def require_scope(registry: Registry, caller: Caller, scope: str) -> None:
    """Refuse an operator's call in a tenant or a publisher that does not exist.

    Nothing is read for other callers: they belong to the scope, so it exists.

    Raises:
        NotFound: there is no such tenant or publisher.
    """
    own = {membership.scope for membership in caller.memberships}
    if PLATFORM not in own or scope in own:
        return
    kind, _, name = scope.partition("/")
    if kind == "tenant":
        registry.tenant(name)
    else:
        registry.publisher(name)


def is_permitted(caller: Caller, action: str, scope: str, support: SupportSession | None = None) -> bool:
    """Cedar's decision."""
    request, entities = _request(caller, action, scope), _entities(caller, scope, support)
    return cedarpy.is_authorized(request, policies(), entities).allowed


def view_caller(caller: Caller) -> CallerView:
    """A caller with what it may do in the scope of each membership. A page shows what is in it, and no more."""
    access = [Access(scope=scope, actions=_allowed(caller, scope)) for scope in _scopes(caller)]
    return CallerView(principal=caller.principal, memberships=caller.memberships, access=tuple(access))


def _scopes(caller: Caller) -> list[str]:
    return sorted({membership.scope for membership in caller.memberships})


def _allowed(caller: Caller, scope: str) -> tuple[str, ...]:
    requests = [_request(caller, action, scope) for action in actions()]
    decided = cedarpy.is_authorized_batch(requests, policies(), _entities(caller, scope, None))
    return tuple(action for action, result in zip(actions(), decided, strict=True) if result.allowed)


@cache
def actions() -> tuple[str, ...]:
    """Every action that a policy names."""
    return tuple(sorted(set(re.findall(r'Action::"(\w+)"', policies()))))


def _request(caller: Caller, action: str, scope: str) -> dict[str, Any]:
    return {
        "principal": f'Principal::"{caller.principal}"',
        "action": f'Action::"{action}"',
        "resource": f'Scope::"{scope}"',
        "context": {},
    }


def _entities(caller: Caller, scope: str, support: SupportSession | None) -> list[dict[str, Any]]:
    groups = [_uid("Role", _group(membership)) for membership in caller.memberships]
    attributes: dict[str, Any] = {"kind": scope.partition("/")[0], "supporters": _supporters(support)}
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        attributes[f"{role}s"] = {"__entity": _uid("Role", f"{scope}/{role}")}
    return [
        {"uid": _uid("Principal", caller.principal), "attrs": {}, "parents": groups},
        {"uid": _uid("Scope", scope), "attrs": attributes, "parents": []},
    ]


def _supporters(support: SupportSession | None) -> list[dict[str, Any]]:
    """The roles of the publisher for which a session is open."""
    if support is None:
        return []
    publisher = f"publisher/{support.app.partition('/')[0]}"
    return [{"__entity": _uid("Role", f"{publisher}/{role}")} for role in (Role.ADMIN, Role.MEMBER)]


def _group(membership: Membership) -> str:
    return f"{membership.scope}/{membership.role}"


def _uid(kind: str, word: str) -> dict[str, str]:
    return {"type": kind, "id": word}


def _spoken(action: str) -> str:
    """`read runs` for `readRuns`."""
    return re.sub(r"[A-Z]", lambda letter: f" {letter[0].lower()}", action)


def _place(scope: str) -> str:
    return "on the platform" if scope == PLATFORM else f"in {scope.replace('/', ' ')}"
