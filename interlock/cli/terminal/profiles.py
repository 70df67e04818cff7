"""Profiles: whom the CLI acts as. They are in `profiles.json` of the user's folder for configuration, mode 600.

A command acts as the profile that it names (`--profile`), else as the one of INTERLOCK_PROFILE, else as the one in use
(`interlock use NAME`) where that fits the command, else as the only one that fits.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field, ValidationError

from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, NotSignedIn
from interlock.contract.core.validation import explain
from interlock.local.home import home, write_whole

VARIABLE = "INTERLOCK_PROFILE"
FILE = "profiles.json"
Kind = Literal["operator", "tenant", "publisher"]
KINDS: tuple[Kind, ...] = ("operator", "publisher", "tenant")
"""Whose profile is taken for what every caller may do, the first one there is."""


class Profile(Document):
    """One principal: its client's credentials, and where its API is."""

    name: str
    kind: Kind
    id: str = ""
    """The tenant's or the publisher's id."""
    api_url: str
    api_host: str = ""
    token_url: str
    client_id: str
    client_secret: str = Field(default="", repr=False)
    """Of a machine. Empty for a person, and for a pipeline that another issuer vouches for."""
    refresh_token: str = Field(default="", repr=False)
    """Of a person who signed in (`interlock login`)."""
    oidc: Literal["", "github"] = ""
    """Who vouches for a pipeline instead of credentials."""


class Profiles(Document):
    """The file."""

    profiles: dict[str, Profile] = Field(default_factory=dict[str, Profile])
    in_use: str = ""
    """What `interlock use` chose."""


class Choice(NamedTuple):
    """The profile that a command acts as, and what chose it."""

    profile: Profile
    origin: str


def file() -> Path:
    """Where the profiles are."""
    return home().config / FILE


def load() -> Profiles:
    """Read the file; empty where there is none.

    Raises:
        BadRequest: it is not what this program writes.
    """
    path = file()
    try:
        return Profiles.model_validate_json(path.read_bytes()) if path.exists() else Profiles()
    except ValidationError as error:
        what = f"the profiles can't be read: {explain(error.errors())[1]}"
        step = "Correct the file, or delete it and sign in again: interlock login"
        raise BadRequest(what, where=str(path), code="profiles", next_step=step) from error


def save(profile: Profile) -> None:
    """Add a profile, or replace it. Nobody else can read the file."""
    known = load()
    _write(known.model_copy(update={"profiles": known.profiles | {profile.name: profile}}))


def own_name(name: str, kind: Kind) -> str:
    """What the profile of a tenant or a publisher is called: its own name, unless one of another kind has it.

    A publisher may be called as a tenant is. Its credentials are in one answer only, so neither replaces the other's.
    """
    present = load().profiles.get(name)
    return name if present is None or present.kind == kind else f"{name}-{kind}"


def use(name: str) -> Profile:
    """Let commands act as a profile where they name none.

    Raises:
        NotSignedIn: there is no such profile.
    """
    known = load()
    profile = named(known.profiles, name, "NAME")
    _write(known.model_copy(update={"in_use": name}))
    return profile


def named(known: Mapping[str, Profile], name: str, where: str) -> Profile:
    """The profile of a name.

    Raises:
        NotSignedIn: there is none; the error names those that there are.
    """
    if name in known:
        return known[name]
    if not known:
        what, step = f"there is no profile {name!r}: nobody is signed in", "interlock up, or interlock login"
        raise NotSignedIn(what, where=where, next_step=step)
    step = f"Choose one: interlock use NAME. The profiles are: {', '.join(sorted(known))}."
    raise NotSignedIn(f"there is no profile {name!r}", where=where, next_step=step)


def choose(name: str | None, kind: Kind, owner: str = "") -> Profile:
    """The profile to act as; see `resolve`."""
    return resolve(name, kind, owner).profile


def resolve(name: str | None, kind: Kind, owner: str = "") -> Choice:
    """The profile to act as, and what chose it.

    Args:
        name: the value of `--profile`.
        kind: whom the command is for.
        owner: the tenant or publisher that it is about.

    Raises:
        NotSignedIn: there is no such profile.
        BadRequest: several profiles fit.
    """
    whole = load()
    known = whole.profiles
    forced = _forced(known, name)
    if forced:
        return forced
    in_use = _in_use(whole)
    if in_use and in_use.kind == kind and owner in ("", in_use.id):
        return Choice(in_use, "interlock use")
    candidates = [one for one in _plain(known, in_use) if one.kind == kind and owner in ("", one.id)]
    candidates = [one for one in candidates if one.name == one.id] or candidates
    if len(candidates) > 1:
        names = ", ".join(one.name for one in candidates)
        step = "Choose one: interlock use NAME, or --profile NAME for this command"
        raise BadRequest(f"several profiles fit: {names}", where="--profile", next_step=step)
    if candidates:
        return Choice(candidates[0], f"the only {kind} here")
    operator = next((one for one in _plain(known, in_use) if one.kind == "operator"), None)
    if operator is None:
        raise NotSignedIn("nobody is signed in here", where=str(file()), next_step="Start the platform: interlock up")
    if kind != "operator" and not owner:
        what = f"there is no profile of a {kind} here"
        raise NotSignedIn(what, where=str(file()), next_step=f"interlock {kind} create NAME")
    return Choice(operator, "the operator here")


def resolve_any(name: str | None) -> Choice:
    """The profile for what every caller may do: the one named or in use, else the operator's, else the only one."""
    whole = load()
    forced, in_use = _forced(whole.profiles, name), _in_use(whole)
    if forced:
        return forced
    if in_use:
        return Choice(in_use, "interlock use")
    plain = _plain(whole.profiles, None)
    fitting: list[Kind] = [kind for kind in KINDS if any(one.kind == kind for one in plain)]
    return resolve(None, fitting[0] if fitting else "operator")


def _forced(known: Mapping[str, Profile], name: str | None) -> Choice | None:
    """The profile that a command names, or INTERLOCK_PROFILE, which is for any command."""
    if name is not None:
        return Choice(named(known, name, "--profile"), "--profile")
    if os.environ.get(VARIABLE):
        return Choice(named(known, os.environ[VARIABLE], VARIABLE), VARIABLE)
    return None


def _in_use(whole: Profiles) -> Profile | None:
    return named(whole.profiles, whole.in_use, "interlock use") if whole.in_use else None


def _plain(known: Mapping[str, Profile], in_use: Profile | None) -> list[Profile]:
    """Those that no command need name: not with a dot at the beginning, and of the API of the profile in use."""
    plain = [one for name, one in known.items() if not name.startswith(".")]
    return [one for one in plain if in_use is None or _api(one) == _api(in_use)]


def _api(profile: Profile) -> tuple[str, str]:
    return profile.api_url, profile.api_host


def _write(profiles: Profiles) -> None:
    write_whole(file(), profiles.model_dump_json(indent=1).encode())
