"""KMS: the signature of certified versions."""

import base64
import hashlib

from interlock.aws.clients import client


def sign(key: str, message: str) -> str:
    """Sign a message with the platform's key (ECDSA, SHA-256); base64."""
    answer = client("kms").sign(
        KeyId=key,
        Message=hashlib.sha256(message.encode()).digest(),
        MessageType="DIGEST",
        SigningAlgorithm="ECDSA_SHA_256",
    )
    return base64.b64encode(answer["Signature"]).decode()
