"""Semantic versions in order. Source: https://semver.org, 11."""

from interlock.contract.core.base import Semver

Order = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]


def order(version: Semver) -> Order:
    """What versions sort by: `1.0.0-rc.2` before `1.0.0-rc.10` before `1.0.0`."""
    core, _, pre = version.partition("-")
    major, minor, patch = (int(part) for part in core.split("."))
    parts = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in pre.split(".") if pre)
    return major, minor, patch, not pre, parts


def is_prerelease(version: Semver) -> bool:
    """Whether a version is offered on the beta channel only."""
    return "-" in version
