"""The pytest plugin that comes with `interlock`: the fixture `run_step`.

pytest loads it in every project that has `interlock` installed, so it imports the rest when a test asks for it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from interlock.testing.steps import StepRun


@pytest.fixture
def run_step() -> "Callable[..., StepRun]":
    """`interlock.testing.run_step`."""
    from interlock.testing import steps

    return steps.run_step
