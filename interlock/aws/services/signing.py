"""KMS: the signature of certified versions, made there and checked here."""

import base64
import hashlib
from functools import cache
from typing import Any

from interlock.aws.clients import client


def sign(key: str, message: str) -> str:
    """Sign a message with the platform's key (ECDSA, SHA-256); base64."""
    answer = client("kms").sign(KeyId=key, Message=_brief(message), MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256")
    return base64.b64encode(answer["Signature"]).decode()


def is_signed(key: str, message: str, signature: str) -> bool:
    """Whether the platform's key signed a message: by its public half, which is fetched once in a process."""
    # A tenth of a second of import, and for functions that check alone.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        _public_key(key).verify(base64.b64decode(signature), _brief(message), ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _brief(message: str) -> bytes:
    """The message's sha256: KMS takes 4,096 bytes (https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html)."""
    return hashlib.sha256(message.encode()).hexdigest().encode()


@cache
def _public_key(key: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    return load_der_public_key(client("kms").get_public_key(KeyId=key)["PublicKey"])
