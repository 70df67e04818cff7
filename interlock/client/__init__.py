"""The typed client of the control API: `Interlock(calls).installs.one_install(tenant, install)`."""

from interlock.client.operations import Interlock

__all__ = ["Interlock"]
