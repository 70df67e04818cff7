"""The stacks, synthesised once in a session: for AWS with cdk-nag, and for the embedded engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.stacks import synth


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates for AWS; cdk-nag is part of that synth."""
    return synth("aws", tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates for the embedded engine."""
    return synth("local", tmp_path_factory.mktemp("local"))
