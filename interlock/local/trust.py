"""Whose code may run here: keys of platforms that this machine has spoken to, and digests that a person trusts.

An imported file says itself what it is, so its code runs only where a known platform certified exactly these bytes, or
where a person was asked about their digest once.
"""

from pathlib import Path

from pydantic import Field, ValidationError

from interlock.contract.core.base import Document
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.validation import explain
from interlock.contract.debug_step import BundleRef
from interlock.local.home import write_whole
from interlock.local.imported import ImportedRun

FILE = "trust.json"


class Trust(Document):
    """The file."""

    keys: dict[str, str] = Field(default_factory=dict[str, str])
    """Public keys of platforms (DER, base64) by their sha256."""
    digests: tuple[str, ...] = ()
    """Bundles (sha256) that a person said may run here."""


def load_trust(home: Path) -> Trust:
    """Read the file; empty where there is none.

    Raises:
        BadRequest: it is not what this program writes.
    """
    path = home / FILE
    try:
        return Trust.model_validate_json(path.read_bytes()) if path.exists() else Trust()
    except ValidationError as error:
        what = f"the file of trusted bundles can't be read: {explain(error.errors())[1]}"
        step = f"Delete it; commands ask again: rm {path}"
        raise BadRequest(what, where=str(path), code="trust-file", next_step=step) from error


def learn_key(home: Path, bundle: BundleRef) -> None:
    """Keep the key of a platform that this machine is signed in to; only one that its own proof fits."""
    trust, proof = load_trust(home), bundle.proof
    if proof is None or proof.key in trust.keys:
        return
    # Half a second of import (AWS), once for each platform.
    from interlock.control.apps.signature import is_genuine

    if is_genuine(proof, bundle.public_key):
        _save(home, trust.model_copy(update={"keys": trust.keys | {proof.key: bundle.public_key}}))


def trust_digest(home: Path, digest: str) -> None:
    """Remember that a person trusts a bundle."""
    trust = load_trust(home)
    if digest not in trust.digests:
        _save(home, trust.model_copy(update={"digests": (*trust.digests, digest)}))


def is_trusted(home: Path, run: ImportedRun) -> bool:
    """Whether the code of an imported run may run here without a question."""
    trust, proof = load_trust(home), run.manifest.proof
    if run.manifest.code in trust.digests:
        return True
    if proof is None or proof.key not in trust.keys:
        return False
    if not proof.covers(run.run.app, run.run.version, run.manifest.code):
        return False
    from interlock.control.apps.signature import is_genuine

    return is_genuine(proof, trust.keys[proof.key])


def _save(home: Path, trust: Trust) -> None:
    write_whole(home / FILE, trust.model_dump_json(indent=1).encode())
