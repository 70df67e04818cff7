"""The engine as a process: ports, keys, restarts, crashes and X-Ray."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from interlock.local.engine import stopping
from interlock.local.engine.corrections.edit import Correction, CorrectionDoesNotApply, Edit, apply_edits
from interlock.local.engine.failure import (
    EngineDied,
    EngineNotRunning,
    EngineNotSaved,
    EngineWillNotStop,
    PortInUse,
    StateDamaged,
)
from interlock.local.engine.journal.log import line_of
from interlock.local.engine.process import EngineSettings, engine_status, free_port, start_engine
from interlock.local.engine.record import mark_process, read_record, record_path, runs, write_record
from interlock.local.engine.stopping import stop_engine
from interlock.local.engine.venv import ensure_venvs
from tests.support.engine_cloud import VENVS, Cloud, eventually, single, task


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[EngineSettings]:
    """Settings of an engine that is stopped after the test."""
    yield EngineSettings(state_dir=tmp_path / "engine", port=0, venv_root=VENVS)
    try:
        stop_engine(tmp_path / "engine")
    except EngineNotRunning:
        return


def test_a_port_in_use_names_the_port_and_the_way_out(settings: EngineSettings) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        with pytest.raises(PortInUse) as caught:
            start_engine(replace(settings, port=port))
    assert str(port) in caught.value.what
    assert "interlock up --port" in caught.value.next_step
    assert not engine_status(settings.state_dir).running


def test_an_engine_that_dies_while_starting_shows_its_last_words(settings: EngineSettings) -> None:
    with pytest.raises(EngineDied) as caught:
        start_engine(replace(settings, corrections_off=("no-such-correction",)))
    assert "no-such-correction" in caught.value.what
    assert not engine_status(settings.state_dir).running
    start_engine(settings)


def test_a_correction_that_no_longer_fits_is_named() -> None:
    edit = Edit("ministack.app", "old text", "new text")
    correction = Correction("example", "as on AWS", "otherwise", (edit,))
    assert apply_edits("a old text b", "ministack.app", [correction]) == "a new text b"
    for source in ("nothing of it", "old text old text"):
        with pytest.raises(CorrectionDoesNotApply, match="'example', edit 1"):
            apply_edits(source, "ministack.app", [correction])


def test_start_is_idempotent_and_a_restart_keeps_keys_and_state(settings: EngineSettings) -> None:
    first = start_engine(settings)
    assert start_engine(settings) == first
    Cloud(first).client("sqs").create_queue(QueueName="kept")
    Cloud(first).client("s3").create_bucket(Bucket="kept")
    stop_engine(settings.state_dir)
    assert not engine_status(settings.state_dir).running
    with pytest.raises(EngineNotRunning):
        stop_engine(settings.state_dir)
    second = start_engine(settings)
    assert (second.access_key, second.secret_key) == (first.access_key, first.secret_key)
    assert "kept" in Cloud(second).client("sqs").list_queues()["QueueUrls"][0]
    assert Cloud(second).client("s3").list_buckets()["Buckets"][0]["Name"] == "kept"


def test_two_starts_at_once_are_one_engine(settings: EngineSettings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(start_engine, [settings, settings])
    assert first == second


def test_a_full_disk_is_said_and_nothing_is_lost(settings: EngineSettings) -> None:
    engine = start_engine(settings)
    queues = Cloud(engine).client("sqs")
    queue = queues.create_queue(QueueName="kept")["QueueUrl"]
    hard = resource.prlimit(engine.pid, resource.RLIMIT_FSIZE)[1]
    size = (settings.state_dir / "state" / "changes.journal").stat().st_size
    resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (size + 20, hard))
    with pytest.raises(ClientError, match="cannot save changes in .*/state: File too large. Free some space there"):
        queues.send_message(QueueUrl=queue, MessageBody="acknowledged or not, it is not lost")
    said: list[str] = []
    with pytest.raises(EngineNotSaved, match="cannot save its state") as caught:
        stop_engine(settings.state_dir, say=said.append)
    assert "Free some space there" in caught.value.next_step
    assert said
    # One that is about to stop is no platform to work with, and the next start waits for its end.
    assert not engine_status(settings.state_dir).running
    with pytest.raises(EngineNotSaved):
        start_engine(settings)
    resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (hard, hard))
    again = Cloud(start_engine(settings)).client("sqs")
    assert len(again.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_damaged_state_ends_the_start_by_its_name(settings: EngineSettings) -> None:
    Cloud(start_engine(settings)).client("sqs").create_queue(QueueName="kept")
    stop_engine(settings.state_dir)
    journal = settings.state_dir / "state" / "changes.journal"
    good = journal.read_bytes()
    journal.write_bytes(good[:20] + b"?" + good[21:] + line_of(b"[]"))
    with pytest.raises(StateDamaged, match=r"1 changes of .*changes.journal are damaged") as caught:
        start_engine(settings)
    assert "Restore" in caught.value.next_step
    journal.write_bytes(good)
    (settings.state_dir / "state" / "sqs.json").write_text('{"half')
    with pytest.raises(StateDamaged, match=r"the saved state .*sqs.json is damaged"):
        start_engine(settings)
    (settings.state_dir / "state" / "sqs.json").unlink()
    record_path(settings.state_dir).write_text('{"half')
    with pytest.raises(StateDamaged, match=r"engine.json cannot be read"):
        start_engine(settings)
    record_path(settings.state_dir).unlink()
    start_engine(settings)


def test_a_killed_engine_leaves_no_helper_behind(settings: EngineSettings) -> None:
    engine = start_engine(settings)
    record = read_record(settings.state_dir)
    assert record is not None and runs(record.xray)
    os.kill(engine.pid, signal.SIGKILL)
    eventually(lambda: None if runs(record.xray) else True)


def test_an_engine_that_does_not_answer_is_not_killed(
    settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "ANSWER_SECONDS", 0.5)
    engine = start_engine(settings)
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        with pytest.raises(EngineWillNotStop, match=f"process {engine.pid} runs and does not answer") as caught:
            start_engine(settings)
        assert f"kill -9 {engine.pid}" in caught.value.next_step
    finally:
        os.kill(engine.pid, signal.SIGCONT)
    assert start_engine(settings).pid == engine.pid


def test_a_process_id_taken_over_by_another_process_is_stale(settings: EngineSettings) -> None:
    engine = start_engine(settings)
    record = read_record(settings.state_dir)
    assert record is not None and record.engine is not None and runs(record.engine)
    stop_engine(settings.state_dir)
    innocent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        write_record(settings.state_dir, replace(record, engine=replace(record.engine, pid=innocent.pid), xray=None))
        status = engine_status(settings.state_dir)
        assert (status.running, status.stale) == (False, True)
        assert start_engine(settings).pid != innocent.pid
        assert innocent.poll() is None
        assert runs(mark_process(innocent.pid))
    finally:
        innocent.communicate(b"\n")
    assert engine.access_key == record.access_key


def test_the_root_key_is_readable_by_its_owner_only(cloud: Cloud) -> None:
    directory = cloud.engine.state_dir
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "engine.json").stat().st_mode) == 0o600
    assert json.loads((directory / "engine.json").read_text())["access_key"] == cloud.engine.access_key
    assert cloud.engine.secret_key not in repr(cloud.engine)


def test_everything_listens_on_loopback_only(cloud: Cloud) -> None:
    # 127.0.0.2 is ours too: a listener on all interfaces would take the port there.
    xray_port = int(cloud.engine.xray_daemon_address.split(":")[1])
    for port, kind in (
        (cloud.engine.port, socket.SOCK_STREAM),
        (xray_port, socket.SOCK_STREAM),
        (xray_port, socket.SOCK_DGRAM),
    ):
        with socket.socket(socket.AF_INET, kind) as other:
            other.bind(("127.0.0.2", port))
        with socket.socket(socket.AF_INET, kind) as same, pytest.raises(OSError, match="in use"):
            same.bind(("127.0.0.1", port))


def test_the_environments_are_made_once() -> None:
    def made() -> list[tuple[int, int]]:
        files = (file.stat() for file in sorted(VENVS.glob("*venv/pyvenv.cfg")))
        return [(file.st_ino, file.st_mtime_ns) for file in files]

    before = made()
    pythons = ensure_venvs(VENVS)
    assert made() == before != []
    probe = "import importlib.util as u; print([m for m in ('moto', 'interlock') if u.find_spec(m)])"
    run = subprocess.run([pythons.engine, "-c", probe], capture_output=True, text=True, check=True, cwd="/")
    assert run.stdout.strip() == "[]"


def test_segments_sent_to_the_daemon_are_traces(cloud: Cloud) -> None:
    root = f"1-{int(time.time()):08x}-0123456789abcdef01234567"
    code = (
        "import json, os, socket, time\n"
        "def handler(event, context):\n"
        "    host, port = os.environ['AWS_XRAY_DAEMON_ADDRESS'].split(':')\n"
        "    fields = dict(f.split('=') for f in os.environ['_X_AMZN_TRACE_ID'].split(';'))\n"
        "    segment = {'trace_id': fields['Root'], 'id': '0123456789abcdef', 'name': 'step',\n"
        "               'start_time': time.time() - 1, 'end_time': time.time()}\n"
        "    head = json.dumps({'format': 'json', 'version': 1})\n"
        "    data = (head + chr(10) + json.dumps(segment)).encode()\n"
        "    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(data, (host, int(port)))\n"
    )
    function = cloud.function({"m.py": code})
    cloud.run(single(task(function)), traceHeader=f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1")
    xray = cloud.client("xray", endpoint_url=cloud.engine.xray_endpoint_url, config=None)

    def traced() -> str | None:
        traces = xray.batch_get_traces(TraceIds=[root])["Traces"]
        return traces[0]["Segments"][0]["Document"] if traces else None

    assert json.loads(eventually(traced))["name"] == "step"


def test_a_free_port_is_free() -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
