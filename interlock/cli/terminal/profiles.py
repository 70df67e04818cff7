"""Who the CLI acts as: profiles in `.interlock/profiles.json`, mode 600, one for each principal created here."""

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest, NotSignedIn

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
    """Of a machine; empty for a person, and for a pipeline that another issuer vouches for."""
    refresh_token: str = Field(default="", repr=False)
    """Of a person who signed in (`interlock login`)."""
    oidc: Literal["", "github"] = ""
    """Who vouches for a pipeline instead of credentials."""


class Profiles(Document):
    """The file."""

    profiles: dict[str, Profile] = Field(default_factory=dict[str, Profile])


def home() -> Path:
    """Where the CLI keeps what it must remember: INTERLOCK_HOME, or `.interlock` here."""
    return Path(os.environ.get("INTERLOCK_HOME", ".interlock"))


def load() -> Profiles:
    """Read the file; empty where there is none."""
    path = home() / FILE
    return Profiles.model_validate_json(path.read_text()) if path.exists() else Profiles()


def save(profile: Profile) -> None:
    """Add a profile, or write it anew; nobody else can read the file."""
    profiles = load().profiles | {profile.name: profile}
    path = home() / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(Profiles(profiles=profiles).model_dump(), file, indent=1)
    draft.replace(path)


def choose(name: str | None, kind: Kind, wanted_id: str = "") -> Profile:
    """The profile to act as.

    Args:
        name: what `--as` says.
        kind: what the command is for.
        wanted_id: the tenant or publisher that it is about.

    Raises:
        NotSignedIn: there is no such profile.
        BadRequest: several would do.
    """
    known = load().profiles
    if name is not None:
        if name not in known:
            words = ", ".join(sorted(known)) or "none"
            raise NotSignedIn(f"no profile {name!r}", where=str(home() / FILE), next_step=f"There are: {words}.")
        return known[name]
    fitting = [one for one in _plain(known) if one.kind == kind and wanted_id in ("", one.id)]
    fitting = [one for one in fitting if one.name == one.id] or fitting
    if len(fitting) > 1:
        words = ", ".join(one.name for one in fitting)
        raise BadRequest(f"several profiles would do: {words}", where="--as", next_step="Choose one: --as NAME")
    if fitting:
        return fitting[0]
    operator = next((one for one in known.values() if one.kind == "operator"), None)
    if operator is None:
        raise NotSignedIn(
            "nobody is signed in here", where=str(home() / FILE), next_step="Start the platform: interlock up"
        )
    if kind != "operator" and not wanted_id:
        raise NotSignedIn(f"no {kind} here", where=str(home() / FILE), next_step=f"interlock {kind} create NAME")
    return operator


def _plain(known: dict[str, Profile]) -> list[Profile]:
    """Profiles that stand for themselves: one whose name begins with a dot is taken only where it is named."""
    return [one for name, one in known.items() if not name.startswith(".")]
