"""The corrected engine, for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engine_cloud import Cloud, running


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The corrected engine."""
    yield from running(tmp_path_factory.mktemp("engine"))
