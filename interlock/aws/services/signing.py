"""KMS: the signature of certified versions, made there and checked here."""

import base64
import hashlib
from functools import cache, lru_cache
from typing import Any

from interlock.aws.clients import client

KEYS = 8
"""Parsed keys that a process remembers: the platform's, and those of platforms whose exports are read."""


def sign(key: str, message: str) -> str:
    """Sign a message with the platform's key (ECDSA, SHA-256); base64."""
    answer = client("kms").sign(KeyId=key, Message=_brief(message), MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")
    return base64.b64encode(answer["Signature"]).decode()


def is_signed(key: str, message: str, signature: str) -> bool:
    """Whether the platform's key signed a message: by its public half, which is fetched once in a process."""
    return verifies(public_key(key), message, signature)


def verifies(public: bytes, message: str, signature: str) -> bool:
    """Whether the private half of a key signed a message; False also for what is no key (DER) or no signature."""
    # A tenth of a second of import, and for functions that check alone.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        loaded = _loaded(public)
        if not isinstance(loaded, EllipticCurvePublicKey):
            return False
        loaded.verify(base64.b64decode(signature), _brief(message), ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


@cache
def public_key(key: str) -> bytes:
    """The public half of a key, DER; fetched once in a process."""
    return client("kms").get_public_key(KeyId=key)["PublicKey"]


def _brief(message: str) -> bytes:
    """The message's sha256: KMS takes 4,096 bytes (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html)."""
    return hashlib.sha256(message.encode()).hexdigest().encode()


@lru_cache(maxsize=KEYS)
def _loaded(public: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(public)
