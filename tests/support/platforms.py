"""Platforms for tests. The first one of a checkout is deployed; every other one starts from a copy of what it saved.

A deployment takes about 25 s of a processor, a copy that starts takes about three. The copy is the same in everything
but the engine's port, which is in names of queues and in the functions' environment.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from interlock.local.engine.failure import EngineNotRunning
from interlock.local.engine.journal.log import line_of, read
from interlock.local.engine.lock import held
from interlock.local.engine.process import free_port
from interlock.local.home import Home, home, sources
from interlock.local.platform import Platform, down, up
from interlock.local.record import read_platform, write_platform
from interlock.local.stamp import stamp
from tests.support.silent import TOOLS, Silent

DEPLOYED = TOOLS / "deployed"
"""The saved platform of each state of the sources; only the newest is kept."""
HOSTS = ("127.0.0.1", "localhost")


def start_platform(root: Path) -> Platform:
    """A platform below `root`, deployed and running, with state of its own on a free port."""
    place = home(root, TOOLS)
    port = free_port()
    _copy(_saved(), place, port)
    platform = up(Silent(), place, port=port)
    assert not platform.deployed, "the saved platform was not taken for what the sources say"
    return platform


@contextmanager
def running_platform(root: Path) -> Generator[Platform]:
    """A platform that is stopped at the end of the block, unless the block did."""
    platform = start_platform(root)
    try:
        yield platform
    finally:
        try:
            down(platform.place)
        except EngineNotRunning:
            pass


def _saved() -> Home:
    """The platform of these sources, deployed once and stopped."""
    place = home(DEPLOYED / stamp(sources(), ""), TOOLS)
    DEPLOYED.mkdir(parents=True, exist_ok=True)
    with held(DEPLOYED):
        if not place.record.exists() or not (place.root / "complete").exists():
            for old in DEPLOYED.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            up(Silent(), place, port=0)
            down(place)
            (place.root / "complete").touch()
    return place


def _copy(saved: Home, place: Home, port: int) -> None:
    record = read_platform(saved.record)
    assert record is not None
    place.root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(saved.engine, place.engine, ignore=shutil.ignore_patterns("tmp", "*.log", ".lock"))
    old = int(record.endpoint_url.rpartition(":")[2])
    for file in (place.engine / "state").glob("*.json"):
        data = file.read_bytes()
        moved = _moved(data, old, port)
        if moved != data:
            file.write_bytes(moved)
    journal = place.engine / "state" / "changes.journal"
    lines = [_moved(text, old, port) for text in read(journal).texts]
    journal.write_bytes(b"".join(line_of(line) for line in lines))
    text = record.model_dump_json()
    for host in HOSTS:
        text = text.replace(f"{host}:{old}", f"{host}:{port}")
    moved_record = type(record).model_validate_json(text)
    write_platform(place.record, moved_record.model_copy(update={"stamp": stamp(sources(), moved_record.endpoint_url)}))


def _moved(data: bytes, old: int, port: int) -> bytes:
    for host in HOSTS:
        data = data.replace(f"{host}:{old}".encode(), f"{host}:{port}".encode())
    return data
