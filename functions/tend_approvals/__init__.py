"""Clock of approvals."""
