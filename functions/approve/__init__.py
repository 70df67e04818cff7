"""Callback of approvals."""
