"""Folders that become Lambda code and layers: the platform's code, its dependencies, and the SDK for steps.

Dependencies come from uv.lock with their hashes, for the target's Python and processor; a folder is made once for each
lock and target (`build/`), so a second synth installs nothing.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from infra.target import DeployTarget

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
CODE = (
    "interlock/contract",
    "interlock/compiler",
    "interlock/debugger",
    "interlock/aws",
    "interlock/control",
    "functions",
)
SDK = ("interlock/contract", "interlock/sdk")
RUNTIME_HAS = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
"""What Lambda's Python runtime brings; the engine's environment has it too."""


def platform_code(target: DeployTarget) -> Path:
    """The platform's own code, one folder for all its functions."""
    return _copied(BUILD / "code" / target.name, CODE)


def platform_layer(target: DeployTarget) -> Path:
    """The dependencies of the platform's functions, as a layer (`python/` inside)."""
    return _installed("platform", target, ("--extra", "platform"))


def sdk_layer(target: DeployTarget) -> Path:
    """The SDK with what it needs, as the layer of every step function."""
    folder = _installed("sdk", target, ())
    _copied(folder / "python", SDK, clean=False)
    return folder


def _installed(name: str, target: DeployTarget, extras: tuple[str, ...]) -> Path:
    lock = (ROOT / "uv.lock").read_bytes() + " ".join(extras).encode()
    word = hashlib.sha256(lock).hexdigest()[:12]
    folder = BUILD / f"{name}-{target.name}-{target.architecture}-{target.python}-{word}"
    if (folder / "done").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    requirements = folder / "requirements.txt"
    left_out = [word for package in RUNTIME_HAS for word in ("--no-emit-package", package)]
    _uv(["export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", *left_out, *extras, "-o", str(requirements)])
    platform = ["--python-platform", target.wheel_platform] if target.wheel_platform else []
    where = ["--target", str(folder / "python"), "--python-version", target.python, *platform]
    _uv(
        [
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--no-deps",
            *where,
            "-r",
            str(requirements),
        ]
    )
    _trim(folder / "python")
    (folder / "done").touch()
    return folder


def _trim(folder: Path) -> None:
    """Drop what no function reads: bytecode and console scripts, which also differ from machine to machine."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for cache in list(folder.rglob("__pycache__")):
        shutil.rmtree(cache)
    (folder / ".lock").unlink(missing_ok=True)


def _copied(folder: Path, parts: tuple[str, ...], *, clean: bool = True) -> Path:
    if clean:
        shutil.rmtree(folder, ignore_errors=True)
    for part in parts:
        shutil.rmtree(folder / part, ignore_errors=True)
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    if any(part.startswith("interlock/") for part in parts):
        shutil.copy(ROOT / "interlock" / "__init__.py", folder / "interlock" / "__init__.py")
    return folder


def _uv(arguments: list[str]) -> None:
    command = [shutil.which("uv") or "", *arguments] if shutil.which("uv") else [sys.executable, "-m", "uv", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)
