"""What the engine and its functions take of the machine, and how much they may."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

STEP_BYTES = 120 * 1024 * 1024
"""A step at work has two processes of about 60 MB: the gate's and its own (measured, ADR 0031)."""
SHARE = 4
"""Steps may take a quarter of the memory."""
FEWEST_STEPS, STEPS_EACH_CORE = 4, 12


def steps_at_once() -> int:
    """How many Tasks may call a function at a time on this machine; the others wait in line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(FEWEST_STEPS, min(memory // SHARE // STEP_BYTES, STEPS_EACH_CORE * (os.cpu_count() or 1)))


def memory_of(pid: int) -> int:
    """The bytes that a process and all below it hold in memory; 0 where nobody says."""
    try:
        listed = subprocess.run(["ps", "-axo", "pid=,ppid=,rss="], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return 0
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    family = {pid}
    while more := {child for child, parent, _ in rows if parent in family} - family:
        family |= more
    return 1024 * sum(size for child, _, size in rows if child in family)


def size_of(directory: Path) -> int:
    """The bytes of a folder's files."""
    total = 0
    for folder, _, files in os.walk(directory):
        for name in files:
            try:
                total += (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total
