"""Requests to install, and what an install leaves in AWS."""

from __future__ import annotations

from interlock.aws.clients import client
from interlock.contract.core import names
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Install
from interlock.contract.trigger import triggers_of
from tests.support.cloud import TENANT, Cloud

GRANT = ("catalog:read", "secret:key", "state")


REQUEST = InstallRequest(app="acme/app", grant=GRANT, config={"n": 1}, secrets={"key": "hidden"})


MORE = {"catalog": ["read", "write:tags"], "secrets": ["key"], "state": True}


def traces(cloud: Cloud) -> dict[str, set[str]]:
    """What installs have left in AWS."""
    rules = client("events").list_rules(EventBusName=names.bus_name(TENANT))["Rules"]
    schedules = client("scheduler").list_schedules(GroupName="interlock")["Schedules"]
    secrets = client("secretsmanager").list_secrets()["SecretList"]
    tools = cloud.registry.table.query_all(f"TEN#{TENANT}", "TOOL#")
    return {
        "rules": {row["Name"] for row in rules},
        "schedules": {row["Name"] for row in schedules},
        "secrets": {row["Name"] for row in secrets},
        "tools": {row.key.sk for row in tools},
    }


def whole(cloud: Cloud, install: Install) -> dict[str, set[str]]:
    """What one install leaves while it is there."""
    wanted = triggers_of(install, cloud.registry.version(install.app, install.version).item)
    return {
        "rules": set(wanted.rules),
        "schedules": set(wanted.schedules),
        "secrets": {names.secrets_prefix(TENANT, install.id) + name for name in install.secrets},
        "tools": {f"TOOL#{tool}" for tool in wanted.tools},
    }


NOTHING: dict[str, set[str]] = {"rules": set(), "schedules": set(), "secrets": set(), "tools": set()}
