"""Engines for the tests: a corrected one for the session, and others with one correction off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlock.local.engine.failure import EngineNotRunning
from interlock.local.engine.process import EngineSettings, start_engine, stop_engine
from tests.support.engine_cloud import VENVS, Cloud


def _running(state_dir: Path, off: tuple[str, ...] = ()) -> Iterator[Cloud]:
    settings = EngineSettings(state_dir=state_dir, port=0, venv_root=VENVS, corrections_off=off)
    yield Cloud(start_engine(settings), off)
    try:
        stop_engine(state_dir)
    except EngineNotRunning:
        return


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The corrected engine."""
    yield from _running(tmp_path_factory.mktemp("engine"))


@pytest.fixture
def cloud_without(tmp_path: Path) -> Iterator[Callable[[str], Cloud]]:
    """An engine with one correction off, by the correction's name."""
    engines: list[Iterator[Cloud]] = []

    def start(name: str) -> Cloud:
        engine = _running(tmp_path / name, (name,))
        engines.append(engine)
        return next(engine)

    yield start
    for engine in engines:
        next(engine, None)
