"""The platform's roles on the embedded engine."""

from interlock.contract.core import names
from interlock.local.engine.record import ACCOUNT_ID, REGION


def local_role(name: str) -> str:
    """The ARN of a role, by its name less the region."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{names.of_region(name, REGION)}"
