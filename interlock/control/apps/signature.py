"""The signature of a certified version: which fields it covers, and the check before each use of a version.

Installs, upgrades and starts check it, so a version item that was changed by other means can't run. The check uses a
public key that a process fetches once, and makes no call of AWS.
"""

import base64
import hashlib
from functools import lru_cache

from interlock.aws.services import signing
from interlock.contract.core.failure import Conflict, Failure
from interlock.contract.debug_step import Proof
from interlock.contract.payload import canonical, digest
from interlock.contract.registry import Certificate, Version

CHECKED = 1_024
"""Seals that a process remembers: a check costs a fraction of a millisecond, a certificate more."""


def certificate_of(version: Version) -> Certificate:
    """The fields of a version that its signature covers. Pure.

    Raises:
        Failure: it has no manifest yet.
    """
    if version.manifest is None:
        raise Failure(
            "a version without a manifest cannot be certified", where=version.app, next_step="Publish it again."
        )
    # Without defaults: a field that the platform learns later does not break older seals.
    plan = {
        "steps": {name: row.model_dump(mode="json", exclude_defaults=True) for name, row in version.steps.items()},
        "workflows": {
            name: row.model_dump(mode="json", exclude_defaults=True) for name, row in version.workflows.items()
        },
        "config": version.config_schema,
        "tools": version.tool_schemas,
        "events": version.event_schemas,
    }
    return Certificate(
        app=version.app,
        version=version.version,
        digest=version.digest,
        manifest=digest(version.manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True)),
        plan=digest(plan),
        permissions=version.manifest.permissions.scopes(),
        level=version.level,
        code=version.code_digest,
        review=digest(version.review.model_dump(mode="json")) if version.review and version.review.approval else "",
    )


def sign_version(version: Version, key: str) -> Version:
    """The version with its signature."""
    signature = signing.sign(key, _payload(certificate_of(version)))
    return version.model_copy(update={"signature": signature})


def check_signature(version: Version, key: str) -> None:
    """Refuse a version that differs from the certified one.

    Args:
        version: as the registry has it.
        key: the platform's key; empty where nothing is certified (no deployed function is without one).

    Raises:
        Conflict: it, or its signature, was changed; or it was never certified.
    """
    if not key or _is_signed(key, _payload(certificate_of(version)), version.signature):
        return
    raise Conflict(
        f"{version.app}@{version.version} changed after it was certified: its signature does not match",
        where=f"{version.app}@{version.version}",
        code="version-tampered",
        next_step=f"interlock app show {version.app}@{version.version}",
    )


def proof_of(version: Version, key: str) -> tuple[Proof | None, str]:
    """What shows others that the platform certified a version, and the public key (DER, base64).

    Args:
        version: as the registry has it.
        key: the platform's key; empty where nothing is certified.
    """
    if not key or not version.signature or version.manifest is None:
        return None, ""
    public = signing.public_key(key)
    proof = Proof(
        certificate=certificate_of(version), signature=version.signature, key=hashlib.sha256(public).hexdigest()
    )
    return proof, base64.b64encode(public).decode()


def is_genuine(proof: Proof, public_key: str) -> bool:
    """Whether a proof is signed by a public key (DER, base64). Calls nothing."""
    try:
        public = base64.b64decode(public_key, validate=True)
    except ValueError:
        return False
    same = hashlib.sha256(public).hexdigest() == proof.key
    return same and signing.verifies(public, _payload(proof.certificate), proof.signature)


def _payload(certificate: Certificate) -> str:
    return canonical(certificate.model_dump(mode="json", exclude_defaults=True))


@lru_cache(maxsize=CHECKED)
def _is_signed(key: str, payload: str, signature: str) -> bool:
    return signing.is_signed(key, payload, signature)
