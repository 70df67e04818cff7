"""The typed client of the control API: `Interlock(calls).installs.get(tenant, install)`."""

from interlock.client.api import Interlock

__all__ = ["Interlock"]
