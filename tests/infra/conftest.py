"""The stacks, synthesised once in a session: for AWS with cdk-nag, and for the embedded engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.stacks import synth


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates for AWS; cdk-nag is part of that synth."""
    return synth("aws", tmp_path_factory.mktemp("aws"))


OPTIONS = {
    "network": "on",
    "alarm-email": "ops@example.com",
    "concurrency": "1000",
    "requests-per-second": "50",
    "model": "us.acme.tiny-v1:0",
    "model-arns": (
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.acme.tiny-v1:0, "
        "arn:aws:bedrock:us-west-2::foundation-model/acme.tiny-v1:0"
    ),
    "model-price": "3/15",
    "console_domain": "console.example.com",
    "console_certificate": "arn:aws:acm:us-east-1:123456789012:certificate/0c0c0c0c-1111-2222-3333-444444444444",
}


@pytest.fixture(scope="session")
def with_options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates for AWS with each option of the operator's: one synth serves the tests of all of them."""
    return synth("aws", tmp_path_factory.mktemp("options"), **OPTIONS)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates for the embedded engine."""
    return synth("local", tmp_path_factory.mktemp("local"))
