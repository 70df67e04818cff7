"""Every change of an install, killed between any two of its calls to AWS and done again, ends where it was to end."""

from __future__ import annotations

import pytest

from tests.support.cloud import TENANT, Cloud, life_settings
from tests.support.crash_ground import Ground
from tests.support.install_sagas import SAGAS, crash_change
from tests.support.processes import forget_contexts


@pytest.fixture
def ground(cloud: Cloud, key: str, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A cloud whose versions are signed."""
    settings = life_settings(cloud).model_copy(update={"signing_key": key})
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    forget_contexts()
    return Ground(TENANT)


@pytest.mark.parametrize("saga", SAGAS)
def test_a_change_of_an_install_survives_a_kill_at_every_point(ground: Ground, saga: str) -> None:
    outcome = crash_change(ground, saga)
    assert outcome.calls > 3
    assert outcome.wished == outcome.calls
