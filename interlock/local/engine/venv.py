"""The engine's own virtual environments: one for the engine and its functions, one for X-Ray.

Functions run in the engine's interpreter, so it holds what Lambda's runtime has and no more: a
dependency missing from a bundle must show. X-Ray's emulator (moto) therefore lives in another one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from interlock.local.engine.failure import EngineInstallFailed
from interlock.local.engine.lock import held

ENGINE_PINS = ("ministack==1.5.33", "boto3==1.43.106", "cryptography==50.0.2", "regex==2026.11.15")
XRAY_PINS = ("moto[server]==5.2.5",)
_STAMP = "interlock-pins"


@dataclass(frozen=True)
class EnginePythons:
    """The interpreters of the two environments."""

    engine: Path
    xray: Path


def ensure_venvs(root: Path) -> EnginePythons:
    """Make both environments below a directory, or find them as they must be.

    Args:
        root: The directory of the environments; made when absent.

    Returns:
        The interpreters.

    Raises:
        EngineInstallFailed: When uv is absent or could not install the pinned packages.
    """
    with held(root), ThreadPoolExecutor(max_workers=2) as pool:
        engine = pool.submit(_ensure, root / "venv", ENGINE_PINS)
        xray = pool.submit(_ensure, root / "xray-venv", XRAY_PINS)
        return EnginePythons(engine.result(), xray.result())


def _ensure(directory: Path, pins: tuple[str, ...]) -> Path:
    python = directory / "bin" / "python"
    stamp = directory / _STAMP
    wanted = _digest(pins)
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    uv = _uv()
    _run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(directory)])
    # Bytecode is written by the first import, of what is imported: a tenth of what is installed.
    _run([*uv, "pip", "install", "--quiet", "--python", str(python), *pins])
    stamp.write_text(wanted)
    return python


def _digest(pins: tuple[str, ...]) -> str:
    text = "\n".join((*pins, sys.version, str(Path(sys.executable).resolve())))
    return hashlib.sha256(text.encode()).hexdigest()


def _uv() -> list[str]:
    text = shutil.which("uv")
    if text:
        return [text]
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    raise EngineInstallFailed(
        "engine environment", "uv was not found on PATH nor as a Python package", "pip install uv"
    )


def _run(command: list[str]) -> None:
    # VIRTUAL_ENV of the caller would only make uv warn: the target is always named.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise EngineInstallFailed(
            "engine environment",
            f"`{' '.join(command)}` ended with {done.returncode}: {done.stderr.strip()[-2000:]}",
            "check the network, the package index and the space on the disk, then `interlock up` again",
        )
