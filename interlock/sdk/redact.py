"""Keep secrets out of what is recorded: effects, logs, locals and error texts."""

from interlock.contract.sensitive import PLACEHOLDER, Redactor, secret_name

__all__ = ["PLACEHOLDER", "Redactor", "secret_name"]
