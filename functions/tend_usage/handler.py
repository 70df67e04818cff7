"""The clock of usage."""

from datetime import UTC, datetime
from typing import Any

from interlock.aws.registry import Registry
from interlock.aws.usages import Usages
from interlock.contract.base import Json
from interlock.contract.settings import UsageSettings
from interlock.control.tend_usage import tend_usage


def handler(_event: dict[str, Any], _context: Any) -> Json:
    """Roll up, weigh, tell."""
    words = UsageSettings.read()
    seen = tend_usage(Registry(words.registry_table), Usages(words.runs_table), words.data_bucket, datetime.now(UTC))
    return {"tenants": seen}
