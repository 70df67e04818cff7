"""What is known about an engine on disk: its keys, its ports and its processes."""

from __future__ import annotations

import json
import os
import secrets
import string
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"


@dataclass(frozen=True)
class ProcessMark:
    """A process, told apart from a later one with the same id by when it started."""

    pid: int
    started: str


@dataclass(frozen=True)
class Record:
    """The contents of `engine.json`; keys survive restarts, ports and processes do not."""

    access_key: str
    secret_key: str
    port: int = 0
    xray_port: int = 0
    python: str = ""
    engine: ProcessMark | None = None
    xray: ProcessMark | None = None

    def stopped(self) -> Record:
        """The same record with no process."""
        return replace(self, engine=None, xray=None)


def fresh_record() -> Record:
    """A record with a random root key: whoever knows it is root on this engine."""
    letters = string.ascii_uppercase + "234567"
    return Record(
        access_key="AKIA" + "".join(secrets.choice(letters) for _ in range(16)),
        secret_key=secrets.token_urlsafe(30),
    )


def record_path(state_dir: Path) -> Path:
    """Where the record of a state directory is."""
    return state_dir / "engine.json"


def read_record(state_dir: Path) -> Record | None:
    """The record, or None when there is none that can be read."""
    try:
        raw = json.loads(record_path(state_dir).read_text(encoding="utf-8"))
        marks = {
            name: ProcessMark(int(raw[name]["pid"]), str(raw[name]["started"])) if raw[name] else None
            for name in ("engine", "xray")
        }
        return Record(
            access_key=str(raw["access_key"]),
            secret_key=str(raw["secret_key"]),
            port=int(raw["port"]),
            xray_port=int(raw["xray_port"]),
            python=str(raw["python"]),
            engine=marks["engine"],
            xray=marks["xray"],
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_record(state_dir: Path, record: Record) -> None:
    """Write the record so that it is never half there and never readable by others."""
    path = record_path(state_dir)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file, indent=1)
        # Before it takes the old one's place: after a power loss it is the one or the other.
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def mark_process(pid: int) -> ProcessMark:
    """Mark a process that is known to run."""
    return ProcessMark(pid, _started(pid) or "")


def runs(mark: ProcessMark | None) -> bool:
    """Whether this very process still runs: same id and same start."""
    if mark is None or not mark.started:
        return False
    return _started(mark.pid) == mark.started


def _started(pid: int) -> str | None:
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # Field 22 is the start in ticks since boot; a zombie (field 3) no longer counts as running.
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip() or None
