"""Where a synth is for: AWS, or the embedded engine. The only place that knows the difference."""

import platform as host
import sys
from dataclasses import dataclass, replace
from typing import Literal

from constructs import Node


@dataclass(frozen=True)
class DeployTarget:
    """What differs between AWS and the embedded engine: processor, Python, endpoint."""

    name: Literal["aws", "local"]
    architecture: Literal["arm64", "x86_64"]
    python: str
    endpoint: str = ""
    network: bool = False
    """Functions of steps are in a network of their own (infra/network.py)."""
    auto_review: bool = False
    """Versions that ask for what only a person may let pass are let pass without one."""

    @property
    def runtime(self) -> str:
        """The Lambda runtime's name."""
        return f"python{self.python}"

    @property
    def wheel_platform(self) -> str:
        """The platform of wheels, as uv calls it; empty for the host's own."""
        return "" if self.name == "local" else "aarch64-manylinux_2_34"

    @property
    def environment(self) -> dict[str, str]:
        """Variables that every function has."""
        return {"AWS_ENDPOINT_URL": self.endpoint} if self.endpoint else {}


AWS = DeployTarget(name="aws", architecture="arm64", python="3.13")


def local(endpoint: str, *, auto_review: bool = True) -> DeployTarget:
    """The host's own processor and Python, which the engine's functions run on."""
    architecture = "arm64" if host.machine() in ("arm64", "aarch64") else "x86_64"
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return DeployTarget(
        name="local", architecture=architecture, python=python, endpoint=endpoint, auto_review=auto_review
    )


def of_context(node: Node) -> DeployTarget:
    """The target that `-c interlock:target=…` and `-c interlock:endpoint=…` name.

    `-c interlock:review=person` has a person look at versions on the local platform, `=none` nobody on AWS.
    """
    review = node.try_get_context("interlock:review")
    if node.try_get_context("interlock:target") == "local":
        return local(str(node.try_get_context("interlock:endpoint")), auto_review=review != "person")
    network = node.try_get_context("interlock:network") or "off"
    if network not in ("on", "off"):
        raise ValueError(f"-c interlock:network={network} is neither on nor off")
    return replace(AWS, auto_review=review == "none", network=network == "on")
