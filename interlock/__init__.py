"""Interlock: build, ship, run and debug apps on a tenant's metadata.

What a publisher imports; each name is loaded when it is first used, so that importing any part of the package
stays as cheap as that part.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interlock.contract.catalog import Asset, AssetChange, AssetWrite
    from interlock.contract.core.failure import PermanentError, RetryableError
    from interlock.contract.language_model import Message, ModelAnswer
    from interlock.contract.preflight import Check
    from interlock.sdk.context import Context
    from interlock.sdk.sensitive import Sensitive
    from interlock.sdk.step import step

__all__ = [
    "Asset",
    "AssetChange",
    "AssetWrite",
    "Check",
    "Context",
    "Message",
    "ModelAnswer",
    "PermanentError",
    "RetryableError",
    "Sensitive",
    "step",
]

_HOMES = {
    "Asset": "interlock.contract.catalog",
    "AssetChange": "interlock.contract.catalog",
    "AssetWrite": "interlock.contract.catalog",
    "Check": "interlock.contract.preflight",
    "Context": "interlock.sdk.context",
    "Message": "interlock.contract.language_model",
    "ModelAnswer": "interlock.contract.language_model",
    "PermanentError": "interlock.contract.core.failure",
    "RetryableError": "interlock.contract.core.failure",
    "Sensitive": "interlock.sdk.sensitive",
    "step": "interlock.sdk.step",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home (PEP 562).

    Raises:
        AttributeError: there is no such name.
    """
    if name not in _HOMES:
        raise AttributeError(f"module 'interlock' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
