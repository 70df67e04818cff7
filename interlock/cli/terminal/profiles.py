"""Profiles: whom the CLI acts as. They are in `.interlock/profiles.json`, mode 600."""

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, NotSignedIn
from interlock.contract.core.validation import explain

FILE = "profiles.json"
Kind = Literal["operator", "tenant", "publisher"]


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


def home() -> Path:
    """The folder of the CLI's own files: INTERLOCK_HOME, or `.interlock` in this folder."""
    return Path(os.environ.get("INTERLOCK_HOME", ".interlock"))


def load() -> Profiles:
    """Read the file; empty where there is none.

    Raises:
        BadRequest: it is not what this program writes.
    """
    path = home() / FILE
    try:
        return Profiles.model_validate_json(path.read_bytes()) if path.exists() else Profiles()
    except ValidationError as error:
        what = f"the profiles can't be read: {explain(error.errors())[1]}"
        step = "Correct the file, or delete it and sign in again: interlock login"
        raise BadRequest(what, where=str(path), code="profiles", next_step=step) from error


def save(profile: Profile) -> None:
    """Add a profile, or replace it. Nobody else can read the file."""
    profiles = load().profiles | {profile.name: profile}
    path = home() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(Profiles(profiles=profiles).model_dump(), file, indent=1)
        # Before it takes the old one's place: after a power loss it is the one or the other.
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def choose(name: str | None, kind: Kind, owner: str = "") -> Profile:
    """The profile to act as.

    Args:
        name: the value of `--as`.
        kind: whom the command is for.
        owner: the tenant or publisher that it is about.

    Raises:
        NotSignedIn: there is no such profile.
        BadRequest: several profiles fit.
    """
    known = load().profiles
    if name is not None:
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            what = f"there is no profile {name!r}"
            raise NotSignedIn(what, where=str(home() / FILE), next_step=f"The profiles are: {names}.")
        return known[name]
    candidates = [one for one in _plain(known) if one.kind == kind and owner in ("", one.id)]
    candidates = [one for one in candidates if one.name == one.id] or candidates
    if len(candidates) > 1:
        names = ", ".join(one.name for one in candidates)
        raise BadRequest(f"several profiles fit: {names}", where="--as", next_step="Choose one: --as NAME")
    if candidates:
        return candidates[0]
    operator = next((one for one in known.values() if one.kind == "operator"), None)
    if operator is None:
        raise NotSignedIn(
            "nobody is signed in here", where=str(home() / FILE), next_step="Start the platform: interlock up"
        )
    if kind != "operator" and not owner:
        what = f"there is no profile of a {kind} here"
        raise NotSignedIn(what, where=str(home() / FILE), next_step=f"interlock {kind} create NAME")
    return operator


def _plain(known: dict[str, Profile]) -> list[Profile]:
    """Profiles without those whose name begins with a dot: these are used only where they are named."""
    return [one for name, one in known.items() if not name.startswith(".")]
