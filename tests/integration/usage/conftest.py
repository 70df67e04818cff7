"""An install whose usage is counted."""

from __future__ import annotations

import pytest

from tests.support.cloud import Cloud, listed
from tests.support.installs import REQUEST


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return cloud.install(REQUEST).id
